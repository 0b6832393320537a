"""What the environment may say, and what it may not."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from service.settings import Settings

KEY = "00112233445566778899aabbccddeeff" * 2
BASE64_KEY = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8="


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_everything_has_a_default(tmp_path: Path) -> None:
    settings = Settings()
    assert (settings.listen_host, settings.port) == ("127.0.0.1", 8000)
    assert settings.data_dir == tmp_path / ".data"
    assert settings.key_file == tmp_path / ".data" / "master.key"
    assert settings.database_url is None
    assert settings.app_database_url is None
    assert settings.master_key is None
    assert settings.calendar_dir is None
    assert list(tmp_path.iterdir()) == [], "reading settings makes nothing"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_an_empty_variable_counts_as_not_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name.upper(), "")
    assert Settings() == Settings.model_validate({})
    assert name not in Settings().model_fields_set


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("LOG_ORIGIN", "a log"),
        ("LOG_ORIGIN", "a+log"),
        ("LOG_ORIGIN", "日志"),
        ("LOG_POLICY", "/nowhere/policy"),
        ("PORT", "eight"),
        ("DATABASE_URL", "mysql://user:planted-secret@db/x"),
        ("DATABASE_URL", "db.example"),
        ("APP_DATABASE_URL", "/planted-secret"),
        ("MASTER_KEY", "planted-secret"),
        ("MASTER_KEY", KEY[:-2]),
        ("MASTER_KEY", KEY + "00"),
        ("MASTER_KEY", BASE64_KEY[:-4]),
        ("CALENDAR_DIR", "absent"),
        ("BASIS_DIR", "absent"),
        ("PRINT_FONT_DIR", "absent"),
    ],
)
def test_a_bad_value_is_refused_and_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert [error["loc"] for error in refused.value.errors()] == [(name.lower(),)]
    assert "planted-secret" not in str(refused.value)
    assert KEY[:-2] not in str(refused.value)


@pytest.mark.parametrize("key", [KEY, KEY.upper(), BASE64_KEY])
def test_a_master_key_is_32_bytes_in_hexadecimal_or_base64(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASTER_KEY", key)
    settings = Settings()
    assert settings.master_key is not None
    assert settings.master_key.get_secret_value() == key
    assert key not in repr(settings)


def test_only_one_master_key_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_KEY", KEY)
    monkeypatch.setenv("MASTER_KEY_FILE", "key")
    with pytest.raises(ValidationError, match="只能设置其中之一") as refused:
        Settings()
    assert KEY not in str(refused.value)


def test_database_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:planted-secret@db/x")
    monkeypatch.setenv("APP_DATABASE_URL", "postgres://app:planted-secret@db/x")
    assert "planted-secret" not in repr(Settings())


def test_paths_are_absolute_and_know_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "calendars").mkdir()
    (tmp_path / "bases").mkdir()
    monkeypatch.setenv("DATA_DIR", "~/data")
    monkeypatch.setenv("CALENDAR_DIR", "calendars")
    monkeypatch.setenv("BASIS_DIR", "bases")
    settings = Settings()
    assert settings.data_dir == tmp_path / "home" / "data"
    assert settings.key_file == tmp_path / "home" / "data" / "master.key"
    assert settings.calendar_dir == tmp_path / "calendars"
    assert settings.basis_dir == tmp_path / "bases"
    monkeypatch.setenv("MASTER_KEY_FILE", "keys/one")
    assert Settings().key_file == tmp_path / "keys" / "one"


def test_a_file_is_no_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", "file")
    with pytest.raises(ValidationError, match="DATA_DIR 须为目录"):
        Settings()


PROVIDER = {
    "OIDC_ISSUER": "https://id.example.gov.cn",
    "OIDC_CLIENT_ID": "eighthours",
    "OIDC_CLIENT_SECRET": "planted-secret",
    "PUBLIC_URL": "https://jilu.example.gov.cn",
}


@pytest.mark.parametrize("missing", PROVIDER)
def test_a_provider_is_named_whole(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PROVIDER.items():
        monkeypatch.setenv(name, value)
    assert "planted-secret" not in repr(Settings())
    monkeypatch.delenv(missing)
    with pytest.raises(ValidationError, match="须一并设置") as refused:
        Settings()
    assert "planted-secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["OIDC_ISSUER", "PUBLIC_URL"])
def test_people_come_over_tls_unless_they_are_on_this_machine(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in PROVIDER.items():
        monkeypatch.setenv(variable, value)
    for value in ("http://127.0.0.1:8000", "http://localhost:8000", "https://id.example"):
        monkeypatch.setenv(name, value)
        assert Settings().public_url
    for value in ("http://id.example", "http://127.0.0.1.example", "http://localhost@x", "id"):
        monkeypatch.setenv(name, value)
        with pytest.raises(ValidationError, match="https://"):
            Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]
