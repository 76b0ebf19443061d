"""Identities with their roles, tokens, and the settings of tenants."""

import json
from collections.abc import Mapping, Sequence

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.bodies import to_body
from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.transaction import Row, Transaction
from opsconductor.domain.errors import Conflict
from opsconductor.domain.identity import Identity, Role, Token
from opsconductor.domain.json_value import Json

_SQL = Statements(__package__, "identities")


def adding(identity: Identity) -> Change:
    """Insert an identity whose name is free."""
    row = _row(identity)

    async def change(transaction: Transaction) -> None:
        await transaction.serve(identity.tenant)
        if await transaction.change(_SQL["add_identity"], row) == 0:
            raise Conflict("store.conflict", f"The name {identity.name} is taken.")

    return change


def changing(identity: Identity) -> Change:
    """Replace what may change of an identity: its name and tenant stay."""
    row = _row(identity)

    async def change(transaction: Transaction) -> None:
        await transaction.serve(identity.tenant)
        if await transaction.change(_SQL["change_identity"], row) == 0:
            raise Conflict("store.conflict", f"There is no identity {identity.name} to change.")

    return change


def adding_token(token: Token) -> Change:
    """Insert a credential."""
    row = {
        "token_id": token.token_id,
        "identity_id": token.identity_id,
        "kind": token.kind,
        "label": token.label,
        "token_hash": token.token_hash,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
        "revoked_at": token.revoked_at,
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve_owner_of("identity", token.identity_id)
        if await transaction.change(_SQL["add_token"], row) == 0:
            raise Conflict("store.conflict", "The identity that the token belongs to does not exist.")

    return change


def using_token(token_id: str, at: str) -> Change:
    """Mark a one-time token as used."""
    return _marking("use_token", token_id, at, "The token is unknown, used or revoked.")


def revoking_token(token_id: str, at: str) -> Change:
    """Mark a token as revoked."""
    return _marking("revoke_token", token_id, at, "The token is unknown or revoked already.")


def saving_settings(tenant: str, settings: Mapping[str, Json]) -> Change:
    """Replace the settings of a tenant."""
    rows = [{"tenant": tenant, "key": key, "value": to_body(value)} for key, value in settings.items()]

    async def change(transaction: Transaction) -> None:
        await transaction.serve(tenant)
        await transaction.send(_SQL["forget_settings"], {"tenant": tenant})
        for row in rows:
            await transaction.send(_SQL["add_setting"], row)

    return change


async def by_name(transaction: Transaction, tenant: str, name: str) -> Identity | None:
    """The identity of that name."""
    return _first(await transaction.rows(_SQL["by_name"], {"tenant": tenant, "name": name}))


async def by_id(transaction: Transaction, tenant: str, identity_id: str) -> Identity | None:
    """The identity of that id."""
    return _first(await transaction.rows(_SQL["by_id"], {"tenant": tenant, "identity_id": identity_id}))


async def by_user(transaction: Transaction, os_uid: int) -> Identity | None:
    """The identity of an operating-system user."""
    return _first(await transaction.rows(_SQL["by_user"], {"os_uid": os_uid}))


async def by_token(transaction: Transaction, token_hash: str) -> tuple[Identity, Token] | None:
    """Whose token that is, and the token."""
    rows = await transaction.rows(_SQL["by_token"], {"token_hash": token_hash})
    return (_identity(rows[0][:7]), _token(rows[0][7:])) if rows else None


async def of_tenant(transaction: Transaction, tenant: str) -> tuple[Identity, ...]:
    """All identities of a tenant, by name."""
    return tuple(map(_identity, await transaction.rows(_SQL["of_tenant"], {"tenant": tenant})))


async def tokens(transaction: Transaction, tenant: str) -> tuple[Token, ...]:
    """All tokens of a tenant, newest first."""
    return tuple(map(_token, await transaction.rows(_SQL["tokens"], {"tenant": tenant})))


async def settings(transaction: Transaction, tenant: str) -> Mapping[str, Json]:
    """The settings of a tenant."""
    return {key: json.loads(value) for key, value in await transaction.rows(_SQL["settings"], {"tenant": tenant})}


def _marking(statement: str, token_id: str, at: str, refusal: str) -> Change:
    row = {"token_id": token_id, "at": at}

    async def change(transaction: Transaction) -> None:
        await transaction.serve_owner_of("token", token_id)
        if await transaction.change(_SQL[statement], row) == 0:
            raise Conflict("store.conflict", refusal)

    return change


def _row(identity: Identity) -> dict[str, object]:
    return {
        "identity_id": identity.identity_id,
        "tenant": identity.tenant,
        "name": identity.name,
        "kind": identity.kind,
        "roles": sorted(role.value for role in identity.roles),
        "os_uid": identity.os_uid,
        "disabled": identity.disabled,
    }


def _first(rows: Sequence[Row]) -> Identity | None:
    return _identity(rows[0]) if rows else None


def _identity(row: Row) -> Identity:
    identity_id, tenant, name, kind, roles, os_uid, disabled = row
    return Identity(
        identity_id=identity_id,
        tenant=tenant,
        name=name,
        kind=kind,
        roles=frozenset(map(Role, roles)),
        os_uid=os_uid,
        disabled=disabled,
    )


def _token(row: Row) -> Token:
    token_id, identity_id, kind, label, token_hash, created_at, expires_at, used_at, revoked_at = row
    return Token(
        token_id=token_id,
        identity_id=identity_id,
        kind=kind,
        label=label,
        token_hash=token_hash,
        created_at=created_at,
        expires_at=expires_at,
        used_at=used_at,
        revoked_at=revoked_at,
    )
