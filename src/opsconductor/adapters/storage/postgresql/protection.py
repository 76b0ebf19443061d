"""What must hold before the store is used: whom the database binds to its policies, and what survives a power cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.connection import SCHEMA, Connection
from opsconductor.domain.errors import Conflict, Unavailable
from opsconductor.ports.audit import AuditSeal

_SQL = Statements(__package__, "protection")
_SAFE_COMMITS = frozenset({"on", "remote_apply"})


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Who a connection acts as."""

    role: str
    is_superuser: bool
    bypasses_policies: bool
    is_owner: bool  # of the schema or of a table in it, or may act as its owner


async def standing(connection: Connection) -> Standing:
    """The role of this connection and what it could do beside its work."""
    role, is_superuser, bypasses, is_owner = await _row(connection, "standing", {"schema": SCHEMA})
    return Standing(role=role, is_superuser=is_superuser, bypasses_policies=bypasses, is_owner=is_owner)


async def demand_bound_role(connection: Connection) -> str:
    """The role, which row-level security binds. Raises `store.unsafe_role` for one that it does not."""
    found = await standing(connection)
    reasons = (
        (found.is_superuser, "is a superuser"),
        (found.bypasses_policies, "has BYPASSRLS"),
        (found.is_owner, "owns the tables"),
    )
    for holds, reason in reasons:
        if holds:
            raise Unavailable(
                "store.unsafe_role", f"The database role {found.role} {reason}, so tenants are not kept apart."
            )
    return found.role


async def demand_policies(connection: Connection) -> None:
    """Raise `store.unprotected` naming the tables whose row-level security is not enabled and forced."""
    names = [str(name) for (name,) in await _rows(connection, "unprotected", {"schema": SCHEMA})]
    if names:
        raise Unavailable("store.unprotected", f"Row-level security is not forced on: {', '.join(names)}.")


async def demand_durability(connection: Connection) -> Mapping[str, str]:
    """The settings a power cut would meet. Raises `store.not_durable` for one that loses what was acknowledged."""
    commits, fsync, pages = await _row(connection, "durability", {})
    found = {"synchronous_commit": str(commits), "fsync": str(fsync), "full_page_writes": str(pages)}
    for name, value in found.items():
        if value not in (_SAFE_COMMITS if name == "synchronous_commit" else {"on"}):
            raise Unavailable("store.not_durable", f"The database server has {name} = {value}; it must be on.")
    return found


async def may_work(connection: Connection, role: str) -> bool:
    """Whether somebody has given this role its rights in a schema that is there."""
    return bool((await _row(connection, "may_work", {"schema": SCHEMA, "role": role}))[0])


async def demand_same_key(connection: Connection, seal: AuditSeal) -> None:
    """Raise `store.other_key` when the audit chains here are sealed with another key than this home's."""
    mine = seal.hide("the key of the audit chains")
    await connection.execute(_text("bind_key"), {"key": mine})
    bound = (await _row(connection, "bound_key", {}))[0]
    await connection.commit()
    if bound != mine:
        raise Conflict("store.other_key", "This database belongs to another home: its audit chains have another key.")


async def may_begin(connection: Connection) -> bool:
    """Whether this role could make the schema."""
    return bool((await _row(connection, "may_begin", {}))[0])


async def working_role(connection: Connection) -> str:
    """What the role is called that the owner of this database makes for the engine."""
    return str((await _row(connection, "working_role", {}))[0])


async def has_role(connection: Connection, role: str) -> bool:
    """Whether the server has a role of that name."""
    return bool(await _rows(connection, "has_role", {"role": role}))


async def _row(connection: Connection, name: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (await _rows(connection, name, row))[0]


async def _rows(connection: Connection, name: str, row: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return await (await connection.execute(_text(name), row)).fetchall()


def _text(name: str) -> str:
    return _SQL[name]
