"""What the environment may say about one running copy of the service."""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, in `__main__` and `api/app` only; no `.env` file is looked at.

    An empty variable counts as not set. Raises pydantic's ValidationError on a bad value.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_file=None,
        env_ignore_empty=True,
        use_attribute_docstrings=True,
    )

    port: int = Field(default=8000, ge=1, le=65535)
    """`PORT`: the TCP port the service listens on."""

    host: str = "127.0.0.1"
    """`HOST`: the address the service listens on; this machine only unless told otherwise."""

    data_dir: Path = Field(default=Path(".data"), validate_default=True)
    """`DATA_DIR`: the folder of the embedded database, keys and demo credentials, absolute.

    Default `.data` in the current directory. One running service per folder."""

    database_url: str | None = Field(default=None, repr=False)
    """`DATABASE_URL`: the owner's PostgreSQL URL, used to migrate; none means embedded."""

    app_database_url: str | None = Field(default=None, repr=False)
    """`APP_DATABASE_URL`: the URL of the restricted role the running service connects with.

    It may read the log and call the append function. Derived when the database is embedded."""

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database_url", "app_database_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("数据库地址须以 postgresql:// 开头")
        return value
