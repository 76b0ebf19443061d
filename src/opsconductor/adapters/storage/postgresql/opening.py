"""Opens a database: prepares it where we may, and refuses it where what we promise would not hold."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import errors, sql

from opsconductor.adapters.storage.postgresql import protection, schema
from opsconductor.adapters.storage.postgresql.connection import SCHEMA, Connection, connect, cut_when_silent
from opsconductor.adapters.storage.postgresql.database import ClockOffset, PostgresDatabase
from opsconductor.adapters.storage.postgresql.errors import as_our_error
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.json_value import Json
from opsconductor.ports.audit import AuditSeal

_LONGEST_PREPARATION_S = 600.0  # a migration of many rows

_NEEDS_OWNER = (
    "Start once with OPSCONDUCTOR_DATABASE_ADMIN_URL, the URL of the role that owns (or may make) the schema."
)


@dataclass(frozen=True, kw_only=True)
class StoreAddress:
    """Where the database is; `admin_url` is the owner's, who migrates and grants rights and does nothing else."""

    url: str = field(repr=False)
    admin_url: str = field(default="", repr=False)


@asynccontextmanager
async def open_database(
    address: StoreAddress, seal: AuditSeal, clock_offset_ms: ClockOffset | None = None
) -> AsyncIterator[PostgresDatabase]:
    """Open the database, made and migrated where the given roles may. Raises `store.*`, `settings.invalid`.

    The work is done as a role that row-level security binds: that of `address.url`; where that one owns the tables, as
    `opsconductor_app_DATABASE`, which is made for it. `clock_offset_ms` moves the store's clock; tests only.
    """
    role = await _make_ready(address)
    async with _connected(address.url, role) as connection:
        await _demand_all(connection)
        await protection.demand_same_key(connection, seal)
    database = PostgresDatabase(address.url, role, seal, clock_offset_ms)
    await database.open()
    try:
        yield database
    finally:
        await database.aclose()


async def examine(address: StoreAddress) -> Mapping[str, Json]:
    """Server, role, schema version and durability, checked as for opening but changing nothing. Raises `store.*`."""
    async with _connected(address.url) as connection:
        found = await protection.standing(connection)
        role = await protection.working_role(connection) if found.is_owner else ""
        begun = bool(await schema.current_version(connection)) and (
            not role or await protection.has_role(connection, role)
        )
        may_begin = bool(address.admin_url) or found.is_owner or await _may_begin(connection)
    async with _connected(address.url, role if begun else "") as connection:
        durability = await (_demand_all if begun or not may_begin else protection.demand_durability)(connection)
        return {
            "server": connection.info.parameter_status("server_version"),
            "host": connection.info.host,
            "database": connection.info.dbname,
            "signed_in_as": found.role,
            "role": role or found.role,
            "schema_version": await schema.current_version(connection),
            **durability,
        }


async def _demand_all(connection: Connection) -> Mapping[str, str]:
    await protection.demand_bound_role(connection)
    if await schema.current_version(connection) < schema.packaged_migrations()[-1].number:
        raise _not_prepared(await schema.current_version(connection))
    await protection.demand_policies(connection)
    return await protection.demand_durability(connection)


async def _make_ready(address: StoreAddress) -> str:
    """Migrate where we may and must; the role to act as, "" for the one that signs in."""
    async with _connected(address.url) as connection:
        found = await protection.standing(connection)
        version = await schema.current_version(connection)
        begins = not address.admin_url and await _may_begin(connection)
        if found.is_owner or begins:
            role = await _own_role(connection, found)
            if not await _is_ready(connection, version, role):
                await schema.migrate(connection, role)
            return role
        if await _is_ready(connection, version, found.role):
            return ""
    if not address.admin_url:
        raise _not_prepared(version)
    async with _connected(address.admin_url) as connection:
        await schema.migrate(connection, found.role)
    return ""


async def _may_begin(connection: Connection) -> bool:
    return not await schema.is_there(connection) and await protection.may_begin(connection)


async def _is_ready(connection: Connection, version: int, role: str) -> bool:
    newest = schema.packaged_migrations()[-1].number
    return version == newest and await protection.may_work(connection, role)


async def _own_role(connection: Connection, found: protection.Standing) -> str:
    """The role that the owner acts as: one that owns nothing, made where it is missing."""
    role = await protection.working_role(connection)
    if not await protection.has_role(connection, role):
        name, owner = sql.Identifier(role), sql.Identifier(found.role)
        try:
            await connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(name))
            await connection.execute(sql.SQL("GRANT {} TO {}").format(name, owner))
        except errors.InsufficientPrivilege as error:
            remedy = f'Let an administrator run: CREATE ROLE "{role}"; GRANT "{role}" TO "{found.role}";'
            refusal = f"The role {found.role} owns the tables and may not make another one to do the work as."
            raise Unavailable("store.unsafe_role", refusal, next_step=remedy) from error
        except (errors.DuplicateObject, errors.UniqueViolation):
            await connection.rollback()  # another process was faster
    return role


def _not_prepared(version: int) -> Unavailable:
    newest = schema.packaged_migrations()[-1].number
    state = f"has schema {version}" if version else f"has no schema {SCHEMA} that this role may use"
    return Unavailable("store.outdated", f"The database {state}; this version needs {newest}.", next_step=_NEEDS_OWNER)


@asynccontextmanager
async def _connected(url: str, role: str = "") -> AsyncIterator[Connection]:
    connection = await connect(url, role)
    try:
        with cut_when_silent(connection, _LONGEST_PREPARATION_S):
            yield connection
    except psycopg.Error as error:
        raise as_our_error(error) from error
    finally:
        await connection.close()
