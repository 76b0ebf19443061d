"""Brings a database to the schema this version knows: numbered files, one process at a time, with a backup before.

`pre` files only add, so the version before still works on what they leave; a `post` file takes away, and is shipped one
version later. Both are applied in order of their number when a database is opened.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from opsconductor.adapters.storage.sqlite.blobs import from_blob
from opsconductor.adapters.storage.sqlite.connection import APPLICATION_ID
from opsconductor.adapters.storage.sqlite.packed import pack
from opsconductor.domain.errors import InternalFault, Unavailable

_FILE = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.(?P<kind>pre|post)\.sql")


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One numbered step from schema to schema."""

    number: int
    name: str
    kind: str  # pre | post
    sql: str


@cache
def packaged_migrations() -> tuple[Migration, ...]:
    """Every migration of this version, by number, from 1 without gaps."""
    found = []
    for file in files(__package__).joinpath("migrations").iterdir():
        if match := _FILE.fullmatch(file.name):
            sql = file.read_text("utf-8")
            found.append(Migration(number=int(match["number"]), name=match["name"], kind=match["kind"], sql=sql))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise InternalFault("internal.fault", "The numbers of the migrations have a gap.")
    return tuple(found)


def check_is_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `store.corrupt` for a database that something else made, before anything is changed in it."""
    marked = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    if not marked and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise InternalFault("store.corrupt", f"{path.name} is a database of another program.")


def current_version(connection: sqlite3.Connection) -> int:
    """Number of the newest migration applied; 0 for an empty database."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'").fetchall():
        return 0
    version: int = connection.execute("SELECT max(version) FROM schema_migrations").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection, path: Path, migrations: tuple[Migration, ...]) -> None:
    """Apply what is missing, all or nothing. Raises `store.newer` when the database is ahead of this version."""
    if _missing(connection, migrations):
        connection.execute("BEGIN EXCLUSIVE")
        try:
            # Another process may have been faster while this one waited for the lock.
            if (missing := _missing(connection, migrations)) and (version := current_version(connection)):
                _back_up(path, version)
            for migration in missing:
                _apply(connection, migration)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _missing(connection: sqlite3.Connection, migrations: tuple[Migration, ...]) -> tuple[Migration, ...]:
    version, newest = current_version(connection), migrations[-1].number
    if version > newest:
        raise Unavailable(
            "store.newer", f"The database has schema {version}; this version of OpsConductor knows up to {newest}."
        )
    return migrations[version:]


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    connection.create_function("packed_field", 2, _packed_field, deterministic=True)
    for statement in _statements(migration.sql):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(
        "INSERT INTO schema_migrations (version, name, applied_at) VALUES (?, ?, now_ms())",
        (migration.number, migration.name),
    )


def _packed_field(blob: bytes, name: str) -> str | bytes | None:
    """A text out of a stored value, as a column of its own holds it; None when it cannot be read."""
    try:
        return pack(str(from_blob(dict, blob)[name]))
    except (InternalFault, KeyError):
        return None


def _statements(sql: str) -> Iterator[str]:
    # Not executescript: it would commit what this transaction has done so far.
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _back_up(path: Path, version: int) -> None:
    """Copy the database as last committed to `NAME.schema-VERSION.backup` beside it, readable by its owner alone."""
    kept = path.with_name(f"{path.name}.schema-{version}.backup")
    unfinished = kept.with_name(kept.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy)
    os.replace(unfinished, kept)
