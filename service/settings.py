"""What the environment may say about one running copy of the service."""

import re
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.trust.crypto.profile import PROFILES, ProfileName
from service.trust.master_key import MasterKey


class Settings(BaseSettings):
    """Read once, in `command_line`; no `.env` file is looked at.

    An empty variable counts as not set. Raises pydantic's ValidationError on a bad value; it does
    not repeat the value, which may be a secret.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_file=None,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )

    port: int = Field(default=8000, ge=1, le=65535)
    """`PORT`: the TCP port the service listens on."""

    # HOST is taken: conda and some shells export it, with another meaning.
    listen_host: str = "127.0.0.1"
    """`LISTEN_HOST`: the address to listen on; this machine only unless told otherwise."""

    data_dir: Path = Path(".data")
    """`DATA_DIR`: the folder of the embedded database, keys and demo credentials, absolute.

    Default `.data` in the current directory. One running service per folder."""

    database_url: str | None = Field(default=None, repr=False)
    """`DATABASE_URL`: the owner's PostgreSQL URL, used to migrate; none means embedded."""

    app_database_url: str | None = Field(default=None, repr=False)
    """`APP_DATABASE_URL`: the URL of the restricted role the running service connects with.

    It may read the log and call the append function. Derived when the database is embedded."""

    master_key: SecretStr | None = None
    """`MASTER_KEY`: the key over all personal data, 32 bytes in hexadecimal or Base64.

    Never in the database; whoever loses it loses every name. Not together with the file."""

    master_key_file: Path | None = None
    """`MASTER_KEY_FILE`: the file of that key, absolute; none means the one in the data folder."""

    crypto_profile: ProfileName = "international"
    """`CRYPTO_PROFILE`: the algorithms, `international` or `guomi` (SM2, SM3, SM4).

    Chosen on the first start of a database and never changed later."""

    calendar_dir: Path | None = None
    """`CALENDAR_DIR`: a folder of further calendars, looked at before those that come with us."""

    basis_dir: Path | None = None
    """`BASIS_DIR`: a folder of the documents consultations rest on; none means our examples."""

    print_fonts: str = ""
    """`PRINT_FONTS`: fonts for printed text by name, commas between, such as `仿宋,FangSong`.

    The first found in `PRINT_FONT_DIR` or on the machine is taken; else the bundled one."""

    print_title_fonts: str = ""
    """`PRINT_TITLE_FONTS`: the same for titles, such as `方正小标宋简体,FZXiaoBiaoSong-B05S`."""

    print_font_dir: Path | None = None
    """`PRINT_FONT_DIR`: a folder of further fonts for printing."""

    log_origin: str = "eighthours.local/log"
    """`LOG_ORIGIN`: the name of the transparency log, in every checkpoint; never changed later.

    Best the address of the log without `https://`, such as `example.gov.cn/api/v1/log`."""

    log_policy: Path | None = None
    """`LOG_POLICY`: a file that names the log's witnesses and how many are enough; none: nobody.

    Its format is C2SP's tlog-policy."""

    oidc_issuer: str | None = None
    """`OIDC_ISSUER`: where people may sign in, an OpenID Connect provider; none: only by password.

    Together with `OIDC_CLIENT_ID`, `OIDC_CLIENT_SECRET` and `PUBLIC_URL`."""

    oidc_client_id: str | None = None
    """`OIDC_CLIENT_ID`: as whom this service is registered there."""

    oidc_client_secret: SecretStr | None = None
    """`OIDC_CLIENT_SECRET`: and its secret."""

    public_url: str | None = None
    """`PUBLIC_URL`: how browsers reach this service, such as `https://jilu.example.gov.cn`.

    With https they are told to try nothing else from then on (HSTS)."""

    @property
    def log_signer_dir(self) -> Path:
        """Where the log's private key lies, and what it signed last."""
        return self.data_dir / "log-signer"

    @property
    def key_file(self) -> Path:
        """Where the master key lies when `MASTER_KEY` does not hold it; made on the first start."""
        return self.master_key_file or self.data_dir / "master.key"

    @field_validator(
        "data_dir",
        "master_key_file",
        "calendar_dir",
        "basis_dir",
        "print_font_dir",
        "log_policy",
    )
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("data_dir")
    @classmethod
    def _no_file(cls, value: Path) -> Path:
        if value.exists() and not value.is_dir():
            raise ValueError("DATA_DIR 须为目录")
        return value

    @field_validator("calendar_dir", "basis_dir", "print_font_dir")
    @classmethod
    def _existing(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"{str(info.field_name).upper()} 须为已有的目录")
        return value

    @field_validator("log_policy")
    @classmethod
    def _existing_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("LOG_POLICY 须为已有的文件")
        return value

    @field_validator("crypto_profile", mode="before")
    @classmethod
    def _known(cls, value: object) -> object:
        if value not in PROFILES:
            raise ValueError(f"CRYPTO_PROFILE 须为 {' 或 '.join(PROFILES)}")
        return value

    @field_validator("log_origin")
    @classmethod
    def _name(cls, value: str) -> str:
        if not re.fullmatch(r"[!-*,-~]+", value):
            raise ValueError("LOG_ORIGIN 只能含可见的 ASCII 字符，不得含空格或加号")
        return value

    @field_validator("database_url", "app_database_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("数据库地址须以 postgresql:// 开头")
        return value

    @field_validator("master_key")
    @classmethod
    def _usable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            MasterKey.of_text(value.get_secret_value())
        return value

    @field_validator("oidc_issuer", "public_url")
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        # In clear only on this machine, to try things out.
        if value is not None and not re.match(
            r"https://|http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)", value
        ):
            raise ValueError(
                "地址须以 https:// 开头（本机可用 http://127.0.0.1 或 http://localhost）"
            )
        return value

    @model_validator(mode="after")
    def _one_master_key(self) -> Self:
        if self.master_key is not None and self.master_key_file is not None:
            raise ValueError("MASTER_KEY 与 MASTER_KEY_FILE 只能设置其中之一")
        return self

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        parts = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret, self.public_url)
        # PUBLIC_URL alone is of use elsewhere, too.
        if any(part is not None for part in parts[:3]) and None in parts:
            raise ValueError(
                "OIDC_ISSUER、OIDC_CLIENT_ID、OIDC_CLIENT_SECRET、PUBLIC_URL 须一并设置"
            )
        return self
