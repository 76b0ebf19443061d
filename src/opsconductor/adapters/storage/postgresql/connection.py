"""Connections that keep what the store promises, and the hang-up that keeps a silent server from holding anybody."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from opsconductor.adapters.storage.postgresql.errors import as_our_error
from opsconductor.adapters.storage.postgresql.text_form import keep_json_as_text
from opsconductor.domain.errors import BadInput, Unavailable

Connection: TypeAlias = psycopg.AsyncConnection[tuple[Any, ...]]

SCHEMA = "opsconductor"
OLDEST_SERVER = 140000  # functions with a body that SQL checks when it is made

CONNECT_S = 5
STATEMENT_MS = 4_000
LOCK_MS = 2_000
SILENCE_S = 6.0
"""So long a transaction may take in all; then the connection is cut, whatever the server does."""

_SESSION = {
    "search_path": f"{SCHEMA}, pg_temp",
    "statement_timeout": str(STATEMENT_MS),
    "lock_timeout": str(LOCK_MS),
    "idle_in_transaction_session_timeout": str(2 * STATEMENT_MS),
    "default_transaction_isolation": "read committed",
}
_USUAL = {
    "connect_timeout": str(CONNECT_S),
    "application_name": "opsconductor",
    "client_encoding": "UTF8",
    "target_session_attrs": "read-write",
    "tcp_user_timeout": "5000",
    "keepalives_idle": "30",
}
_SAFE_COMMITS = frozenset({"on", "remote_apply"})


def conninfo(url: str) -> str:
    """What libpq connects by: `url`, and our own limits where it names none. Raises `settings.invalid`."""
    try:
        given = conninfo_to_dict(url)
        return make_conninfo(url, **{name: value for name, value in _USUAL.items() if name not in given})
    except psycopg.Error as error:
        raise BadInput("settings.invalid", f"The database's URL cannot be read: {error}.") from error


async def connect(url: str, role: str = "") -> Connection:
    """A connection of its own, prepared as those of the pool are. Raises `store.*`."""
    try:
        connection = await psycopg.AsyncConnection.connect(conninfo(url))
    except (psycopg.Error, OSError) as error:
        raise as_our_error(error) from error
    try:
        await prepare(connection, role)
    except BaseException:
        await connection.close()
        raise
    return connection


async def prepare(connection: Connection, role: str = "") -> None:
    """Limits, schema, role and durable commits: set, read back, and refused when the server does not give them."""
    if connection.info.server_version < OLDEST_SERVER:
        found = connection.info.parameter_status("server_version")
        raise Unavailable("store.unavailable", f"PostgreSQL {found} is too old; 14 or later is needed.")
    keep_json_as_text(connection)
    try:
        with cut_when_silent(connection):
            await _prepare(connection, role)
    except psycopg.Error as error:
        raise as_our_error(error) from error


async def _prepare(connection: Connection, role: str) -> None:
    names = sql.SQL(", ").join(
        sql.SQL("set_config({}, {}, false)").format(sql.Literal(name), sql.Literal(value))
        for name, value in _SESSION.items()
    )
    await connection.execute(sql.SQL("SELECT {}").format(names))
    commits = await (await connection.execute("SHOW synchronous_commit")).fetchone()
    if commits is not None and commits[0] not in _SAFE_COMMITS:
        await connection.execute("SET synchronous_commit = on")
    if role:
        await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    await connection.commit()


@contextmanager
def cut_when_silent(connection: Connection, after_s: float | None = None) -> Iterator[None]:
    """Cut the connection when the block is not done in time: what waits in it then fails as for a lost connection.

    `after_s` is SILENCE_S where it is left out.
    """
    timer = asyncio.get_running_loop().call_later(SILENCE_S if after_s is None else after_s, _cut, connection)
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: Connection) -> None:
    if connection.closed:
        return
    with socket.socket(fileno=os.dup(connection.fileno())) as same:
        try:
            same.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is cut already
