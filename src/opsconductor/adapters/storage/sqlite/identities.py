"""Identities with their roles, tokens, and the settings of tenants."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from opsconductor.adapters import json_codec
from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.changes import Change, demand_change
from opsconductor.adapters.storage.sqlite.packed import (
    pack,
    pack_optional_time,
    pack_time,
    unpack,
    unpack_optional_time,
    unpack_time,
)
from opsconductor.domain.errors import Conflict
from opsconductor.domain.identity import Identity, Role, Token
from opsconductor.domain.json_value import Json

_SQL = Statements(__package__, "identities")


def adding(identity: Identity) -> Change:
    """Insert an identity whose name is free."""
    identity_id = pack(identity.identity_id)
    row = (identity_id, identity.tenant, identity.name, identity.kind, identity.os_uid, identity.disabled)
    roles = [(identity_id, role.value) for role in sorted(identity.roles)]

    def change(connection: sqlite3.Connection) -> None:
        added = connection.execute(_SQL["add_identity"], row)
        demand_change(added, Conflict("store.conflict", f"The name {identity.name} is taken."))
        connection.executemany(_SQL["add_role"], roles)

    return change


def changing(identity: Identity) -> Change:
    """Replace what may change of a stored identity."""
    identity_id = pack(identity.identity_id)
    row = (identity.kind, identity.os_uid, identity.disabled, identity_id, identity.tenant)
    roles = [(identity_id, role.value) for role in sorted(identity.roles)]

    def change(connection: sqlite3.Connection) -> None:
        changed = connection.execute(_SQL["change_identity"], row)
        demand_change(changed, Conflict("store.conflict", f"There is no identity {identity.name} to change."))
        connection.execute(_SQL["forget_roles"], (identity_id,))
        connection.executemany(_SQL["add_role"], roles)

    return change


def adding_token(token: Token) -> Change:
    """Insert a credential."""
    row = (
        pack(token.token_id),
        pack(token.identity_id),
        token.kind,
        token.label,
        token.token_hash,
        pack_time(token.created_at),
        pack_optional_time(token.expires_at),
        pack_optional_time(token.used_at),
        pack_optional_time(token.revoked_at),
    )

    def change(connection: sqlite3.Connection) -> None:
        connection.execute(_SQL["add_token"], row)

    return change


def using_token(token_id: str, at: str) -> Change:
    """Mark a one-time token as used."""

    def change(connection: sqlite3.Connection) -> None:
        used = connection.execute(_SQL["use_token"], (pack_time(at), pack(token_id)))
        demand_change(used, Conflict("store.conflict", "The token is unknown, used or revoked."))

    return change


def revoking_token(token_id: str, at: str) -> Change:
    """Mark a token as revoked."""

    def change(connection: sqlite3.Connection) -> None:
        revoked = connection.execute(_SQL["revoke_token"], (pack_time(at), pack(token_id)))
        demand_change(revoked, Conflict("store.conflict", "The token is unknown or revoked already."))

    return change


def saving_settings(tenant: str, settings: Mapping[str, Json]) -> Change:
    """Replace the settings of a tenant."""
    rows = [(tenant, key, json_codec.dump_bytes(value).decode()) for key, value in settings.items()]

    def change(connection: sqlite3.Connection) -> None:
        connection.execute(_SQL["forget_settings"], (tenant,))
        connection.executemany(_SQL["add_setting"], rows)

    return change


def by_name(connection: sqlite3.Connection, tenant: str, name: str) -> Identity | None:
    """The identity of that name."""
    return _first(connection.execute(_SQL["by_name"], (tenant, name)))


def by_id(connection: sqlite3.Connection, tenant: str, identity_id: str) -> Identity | None:
    """The identity of that id."""
    return _first(connection.execute(_SQL["by_id"], (pack(identity_id), tenant)))


def by_user(connection: sqlite3.Connection, os_uid: int) -> Identity | None:
    """The identity of an operating-system user."""
    return _first(connection.execute(_SQL["by_user"], (os_uid,)))


def by_token(connection: sqlite3.Connection, token_hash: str) -> tuple[Identity, Token] | None:
    """Whose token that is, and the token."""
    rows = connection.execute(_SQL["by_token"], (token_hash,)).fetchall()
    return (_identity(rows[0][:7]), _token(rows[0][7:])) if rows else None


def of_tenant(connection: sqlite3.Connection, tenant: str) -> tuple[Identity, ...]:
    """All identities of a tenant, by name."""
    return tuple(map(_identity, connection.execute(_SQL["of_tenant"], (tenant,)).fetchall()))


def tokens(connection: sqlite3.Connection, tenant: str) -> tuple[Token, ...]:
    """All tokens of a tenant, newest first."""
    return tuple(map(_token, connection.execute(_SQL["tokens"], (tenant,)).fetchall()))


def settings(connection: sqlite3.Connection, tenant: str) -> Mapping[str, Json]:
    """The settings of a tenant."""
    return {key: json.loads(value) for key, value in connection.execute(_SQL["settings"], (tenant,)).fetchall()}


def _first(cursor: sqlite3.Cursor) -> Identity | None:
    rows = cursor.fetchall()
    return _identity(rows[0]) if rows else None


def _identity(row: Sequence[Any]) -> Identity:
    identity_id, tenant, name, kind, os_uid, disabled, roles = row
    return Identity(
        identity_id=unpack(identity_id),
        tenant=tenant,
        name=name,
        kind=kind,
        roles=frozenset(map(Role, json.loads(roles))),
        os_uid=os_uid,
        disabled=bool(disabled),
    )


def _token(row: Sequence[Any]) -> Token:
    token_id, identity_id, kind, label, token_hash, created_at, expires_at, used_at, revoked_at = row
    return Token(
        token_id=unpack(token_id),
        identity_id=unpack(identity_id),
        kind=kind,
        label=label,
        token_hash=token_hash,
        created_at=unpack_time(created_at),
        expires_at=unpack_optional_time(expires_at),
        used_at=unpack_optional_time(used_at),
        revoked_at=unpack_optional_time(revoked_at),
    )
