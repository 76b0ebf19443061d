"""Flag before environment before file before default, each value with its source; a bad one is named."""

import os
import stat
from pathlib import Path

import pytest

from opsconductor.domain.errors import BadInput, OpsConductorError, Unavailable
from opsconductor.settings import DEFAULTS, load_settings, use_one_native_thread, without_password


@pytest.fixture
def environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("OPSCONDUCTOR_HOME", str(home))
    return monkeypatch


def write(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(text)


def test_the_home_is_private_and_everything_has_its_default(environment: pytest.MonkeyPatch, home: Path) -> None:
    settings = load_settings()
    assert (settings.home, settings.sources["home"]) == (home, "environment")
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (home, home / "keys", home / "logs")} == {0o700}
    assert {settings.sources[name] for name in DEFAULTS} == {"default"}
    assert (settings.host, settings.port, settings.asset_service_port) == ("127.0.0.1", 3005, 3001)
    assert settings.database == home / "opsconductor.db"
    assert settings.pack is None


def test_layers_override_each_other(environment: pytest.MonkeyPatch, home: Path) -> None:
    write(home, 'port = 4001\nhost = "::1"\ntenant = "file"\nlog_level = "info"\n')
    environment.setenv("OPSCONDUCTOR_PORT", "4002")
    environment.setenv("OPSCONDUCTOR_TENANT", "environment")
    settings = load_settings({"port": "4003", "host": ""})
    assert (settings.port, settings.sources["port"]) == (4003, "flag")
    assert (settings.tenant, settings.sources["tenant"]) == ("environment", "environment")
    assert (settings.host, settings.sources["host"]) == ("::1", "config.toml")
    assert (settings.asset_service_port, settings.sources["asset_service_port"]) == (3001, "default")


def test_the_home_can_be_a_flag_or_the_users_own(environment: pytest.MonkeyPatch, home: Path, tmp_path: Path) -> None:
    flagged = load_settings({"home": str(tmp_path / "flag")})
    assert (flagged.home, flagged.sources["home"]) == (tmp_path / "flag", "flag")
    environment.delenv("OPSCONDUCTOR_HOME")
    environment.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    own = load_settings()
    assert (own.home.name, own.sources["home"]) == ("opsconductor", "default")


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("port", "x", "port"),
        ("port", "-1", "port"),
        ("port", "65536", "port"),
        ("port", "9" * 5000, "port"),
        ("port", "²", "port"),
        ("port", "٣٠٠٥", "port"),
        ("port", "3005.0", "port"),
        ("asset_service_port", "70000", "asset_service_port"),
        ("database_url", "mysql://x", "database_url"),
        ("database_url", "sqlite://relative.db", "database_url"),
        ("database_url", "sqlite://", "database_url"),
        ("database_url", "sqlite:///folder/", "database_url"),
        ("database_url", "/plain/path", "database_url"),
    ],
)
def test_a_bad_value_is_named(environment: pytest.MonkeyPatch, name: str, value: str, word: str) -> None:
    with pytest.raises(BadInput, match=word) as error:
        load_settings({name: value})
    assert error.value.code == "settings.invalid"


@pytest.mark.parametrize(
    "text",
    ["port = ", "\x00", 'unknown = "x"', "port = 1.5", "port = true", "port = [1]", "[port]\na = 1", "port = -1"],
)
def test_a_bad_file_is_named(environment: pytest.MonkeyPatch, home: Path, text: str) -> None:
    write(home, text)
    with pytest.raises(BadInput) as error:
        load_settings()
    assert error.value.code == "settings.invalid"


def test_a_file_that_is_not_text_is_named(environment: pytest.MonkeyPatch, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_bytes(b'host = "\xff"')
    with pytest.raises(BadInput, match=r"config\.toml"):
        load_settings()


@pytest.mark.parametrize("place", ["file", "below-a-file/home", "~nobody-of-that-name/home", "nul\x00", "x" * 300])
def test_a_home_that_cannot_be_used_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "below-a-file").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OpsConductorError) as error:
        load_settings({"home": place})
    assert isinstance(error.value, Unavailable)
    assert error.value.code == "home.unusable"


def test_a_token_never_shows(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPSCONDUCTOR_TOKEN", "opsc_canary")
    settings = load_settings()
    assert settings.token == "opsc_canary"
    assert "canary" not in repr(settings)


def test_a_record_on_postgresql_leaves_the_inventory_in_the_home(environment: pytest.MonkeyPatch, home: Path) -> None:
    plain = load_settings()
    assert (plain.on_postgresql, plain.database) == (False, home / "opsconductor.db")
    for scheme in ("postgresql", "postgres"):
        settings = load_settings({"database_url": f"{scheme}://worker@db.example/ops"})
        assert (settings.on_postgresql, settings.database) == (True, home / "opsconductor.db")


def test_passwords_of_the_database_never_show(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPSCONDUCTOR_DATABASE_ADMIN_URL", "postgresql://owner:canary@db/ops")
    settings = load_settings({"database_url": "postgresql://worker:canary@db:5432/ops?sslpassword=canary"})
    assert "canary" in settings.database_admin_url
    assert "canary" not in repr(settings)
    assert without_password(settings.database_url) == "postgresql://worker@db:5432/ops"
    assert without_password("postgresql://[broken") == "(unreadable)"
    assert without_password("sqlite:///home/opsconductor.db") == "sqlite:///home/opsconductor.db"


def test_a_persons_own_choice_of_threads_stands(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENBLAS_NUM_THREADS", "7")
    use_one_native_thread()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "7"
