"""The one reader of environment and files: flag > OPSCONDUCTOR_* > $HOME/config.toml > default."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import platformdirs

from opsconductor.domain.errors import BadInput, Unavailable

PREFIX = "OPSCONDUCTOR_"
DEFAULTS: Mapping[str, str] = {
    "database_url": "",  # sqlite in the home
    "database_admin_url": "",  # none: nobody migrates a database on PostgreSQL but its owner
    "host": "127.0.0.1",
    "port": "3005",
    "asset_service_port": "3001",
    "pack": "",  # the pack that ships
    "tenant": "default",
    "log_level": "warning",
    "token": "",
}
POSTGRESQL = ("postgresql://", "postgres://")
SECRET = frozenset({"token", "database_admin_url"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where this process lives and listens; `sources` tells where each value came from."""

    home: Path  # mode 0700
    database_url: str = field(repr=False)  # sqlite:///… or postgresql://…, which may hold a password
    host: str
    port: int
    asset_service_port: int
    pack: Path | None  # None: the default pack
    tenant: str
    log_level: str
    token: str = field(repr=False)  # bearer token for --as; never shown
    database_admin_url: str = field(default="", repr=False)  # of the role that owns the tables; migrates, and no more
    sources: Mapping[str, str] = field(default_factory=dict)  # setting → flag | environment | config.toml | default

    @property
    def on_postgresql(self) -> bool:
        """Whether the record is in a PostgreSQL database."""
        return self.database_url.startswith(POSTGRESQL)

    @property
    def database(self) -> Path:
        """The SQLite file: inventory and record, or the inventory alone beside a record on PostgreSQL."""
        return (
            self.home / "opsconductor.db" if self.on_postgresql else Path(self.database_url.removeprefix("sqlite://"))
        )


def load_settings(flags: Mapping[str, str] | None = None) -> Settings:
    """Read everything once. Raises `settings.invalid` naming the setting, `home.unusable` for the folder."""
    home, home_source = _home(flags or {})
    layers = (
        ("flag", {key: value for key, value in (flags or {}).items() if value}),
        ("environment", _environment()),
        ("config.toml", _file(home / "config.toml")),
        ("default", DEFAULTS),
    )
    values: dict[str, str] = {}
    sources: dict[str, str] = {"home": home_source}
    for name in DEFAULTS:
        sources[name], values[name] = next((layer, str(content[name])) for layer, content in layers if name in content)
    return Settings(
        home=home,
        database_url=_database_url(values["database_url"], home),
        host=values["host"],
        port=_port("port", values["port"]),
        asset_service_port=_port("asset_service_port", values["asset_service_port"]),
        pack=Path(values["pack"]).expanduser() if values["pack"] else None,
        tenant=values["tenant"],
        log_level=values["log_level"],
        token=values["token"],
        database_admin_url=values["database_admin_url"],
        sources=sources,
    )


def use_one_native_thread() -> None:
    """Keep numpy's BLAS from starting threads: its small products gain nothing, and on a busy machine they wait.

    Only counts before numpy is imported; a person's own choice stands.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _home(flags: Mapping[str, str]) -> tuple[Path, str]:
    """The home folder, made with mode 0700 when it is new."""
    if flags.get("home"):
        home, source = Path(flags["home"]), "flag"
    elif os.environ.get(PREFIX + "HOME"):
        home, source = Path(os.environ[PREFIX + "HOME"]), "environment"
    else:
        home, source = platformdirs.user_data_path("opsconductor", appauthor=False), "default"
    try:
        home = home.expanduser().absolute()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in ("keys", "run", "cache", "logs"):
            (home / part).mkdir(mode=0o700, exist_ok=True)
    except (OSError, RuntimeError, ValueError) as error:  # also an unknown ~user, and U+0000
        if not _is_usable(home):
            reason = error.strerror if isinstance(error, OSError) else error
            raise Unavailable("home.unusable", f"The home folder {home} cannot be used: {reason}.") from error
    return home, source


def _is_usable(home: Path) -> bool:
    """A home that was made before may have become read-only: reading from it still works."""
    try:
        return (home / "run").is_dir()
    except (OSError, ValueError):
        return False


def _environment() -> dict[str, str]:
    found = {}
    for name in DEFAULTS:
        value = os.environ.get(PREFIX + name.upper())
        if value:
            found[name] = value
    return found


def _file(path: Path) -> dict[str, str]:
    try:
        if not path.is_file():
            return {}
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput("settings.invalid", f"{path} cannot be read: {error}") from error
    unknown = sorted(set(content) - set(DEFAULTS))
    if unknown:
        raise BadInput("settings.invalid", f"{path} names an unknown setting: {unknown[0]}.")
    odd = [name for name, value in content.items() if not isinstance(value, (str, int)) or isinstance(value, bool)]
    if odd:
        raise BadInput("settings.invalid", f"{path}: {odd[0]} must be text or a whole number.")
    return {name: str(value) for name, value in content.items()}


def _database_url(value: str, home: Path) -> str:
    if not value:
        return f"sqlite://{home / 'opsconductor.db'}"
    if value.startswith(POSTGRESQL):
        return value
    if not value.startswith("sqlite:///") or value.endswith("/"):
        raise BadInput("settings.invalid", "database_url must be sqlite:// and an absolute path, or postgresql://…")
    return value


def without_password(url: str) -> str:
    """A database's URL as it may be shown: neither its password nor what stands behind a question mark."""
    if not url.startswith(POSTGRESQL):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable)"
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}", query=""))


def _port(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 5 or int(value) > 65535:
        raise BadInput("settings.invalid", f"{name} must be a number from 0 to 65535, not {value!r}.")
    return int(value)
