"""Brings a database to the schema this version knows: numbered files, one process at a time, all or nothing.

`pre` files only add, so the version before still works on what they leave; a `post` file takes away, and is shipped one
version later. Only the owner of the schema applies them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from psycopg import sql

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.connection import SCHEMA, Connection
from opsconductor.domain.errors import InternalFault, Unavailable

_SQL = Statements(__package__, "schema")
_RIGHTS = Statements(__package__, "rights")
_FILE = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.(?P<kind>pre|post)\.sql")
_ONE_AT_A_TIME = 0x4F505343  # `OPSC`; the advisory lock of whoever migrates


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
            text = file.read_text("utf-8")
            found.append(Migration(number=int(match["number"]), name=match["name"], kind=match["kind"], sql=text))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise InternalFault("internal.fault", "The numbers of the migrations have a gap.")
    return tuple(found)


async def current_version(connection: Connection) -> int:
    """Number of the newest migration applied; 0 where none is that this role may use. Raises `store.newer`."""
    if not any(await _row(connection, "has_schema", {"schema": SCHEMA})):
        return 0
    found = await _row(connection, "version", {})
    version: int = found[0]
    newest = packaged_migrations()[-1].number
    if version > newest:
        raise Unavailable(
            "store.newer", f"The database has schema {version}; this version of OpsConductor knows up to {newest}."
        )
    return version


async def is_there(connection: Connection) -> bool:
    """Whether the schema exists, whoever may use it."""
    return bool(await _row(connection, "schema_owner", {"schema": SCHEMA}))


async def migrate(connection: Connection, role: str, upto: int | None = None) -> None:
    """As the owner: apply what is missing and give `role` the rights to work with it, in one transaction.

    `upto` stops at an earlier schema; only tests want one.
    """
    await connection.execute(_text("take_time"))
    await connection.execute(_text("one_at_a_time"), {"key": _ONE_AT_A_TIME})
    owner = await _row(connection, "schema_owner", {"schema": SCHEMA})
    if owner:  # whoever may act for the owner leaves everything the owner's
        await connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(str(owner[0]))))
    else:
        await connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
    version = await current_version(connection)
    for migration in packaged_migrations()[version:upto]:
        await connection.execute(migration.sql)
        await connection.execute(_text("applied"), {"version": migration.number, "name": migration.name})
    names = {"schema": sql.Identifier(SCHEMA), "role": sql.Identifier(role)}
    for name in _RIGHTS:
        await connection.execute(sql.SQL(_RIGHTS[name]).format(**names))
    await connection.commit()


async def _row(connection: Connection, name: str, row: Mapping[str, object]) -> tuple[Any, ...]:
    return await (await connection.execute(_text(name), row)).fetchone() or ()


def _text(name: str) -> str:
    return _SQL[name]
