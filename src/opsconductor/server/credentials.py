"""Tokens: made, checked, used up and revoked. The store keeps their SHA-256 only; the secret is shown once."""

from datetime import timedelta

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import Conflict, NotFound, OpsConductorError, Refused
from opsconductor.domain.identity import Identity, Token
from opsconductor.domain.token_secrets import new_token, token_hash
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.ids import Ids
from opsconductor.ports.storage import Storage

BEARER, SIGN_IN_LINK, SESSION_COOKIE = "bearer", "sign_in_link", "session_cookie"
LINK_LIFETIME_S = 600.0
COOKIE_LIFETIME_S = 12 * 3600.0

_LONGEST = 200


class Credentials:
    """The tokens of one home."""

    def __init__(self, storage: Storage, clock: Clock, ids: Ids) -> None:
        self._storage = storage
        self._clock = clock
        self._ids = ids

    async def identity_of(self, secret: str, kind: str) -> Identity:
        """Whose token of that kind this is.

        Raises `identity.bad_token` for one that is unknown, of another kind, used up, revoked or expired, and
        `identity.unknown` when its identity is disabled.
        """
        identity, _ = await self._find(secret, kind)
        return identity

    async def identity_of_user(self, uid: int) -> Identity:
        """The identity bound to an operating-system user. Raises `identity.unknown`."""
        identity = await self._storage.identity_of_user(uid)
        if identity is None:
            raise Refused("identity.unknown", f"No identity is bound to the operating-system user {uid}.")
        if identity.disabled:
            raise _disabled(identity)
        return identity

    async def identity_named(self, name: str, secret: str) -> Identity:
        """The identity of a bearer token, which must be `name`. Raises `identity.required`, `identity.bad_token`."""
        check_token(name, secret)
        identity = await self.identity_of(secret, BEARER)
        if identity.name != name:
            raise Refused("identity.bad_token", f"The token is not one of {name}.")
        return identity

    async def create(
        self, identity: Identity, *, kind: str, label: str, lifetime_s: float | None, actor: str
    ) -> tuple[Token, str]:
        """A new token of `identity` and its secret, which nobody can read again. `lifetime_s` None: until revoked."""
        now = self._clock.now()
        secret = new_token()
        token = Token(
            token_id=self._ids.new("tok"),
            identity_id=identity.identity_id,
            kind=kind,
            label=label,
            token_hash=token_hash(secret),
            created_at=timestamp(now),
            expires_at=timestamp(now + timedelta(seconds=lifetime_s)) if lifetime_s is not None else None,
        )
        unit = self._storage.begin()
        unit.add_token(token)
        unit.append_audit(self._entry(identity, "token.created", token, actor))
        await unit.commit()
        return token, secret

    async def sign_in_url(self, identity: Identity, address: str) -> str:
        """A new one-time link that signs the identity in at `address`, good for ten minutes."""
        _, secret = await self.create(
            identity, kind=SIGN_IN_LINK, label="link", lifetime_s=LINK_LIFETIME_S, actor=identity.identity_id
        )
        return f"{address}/sign-in?token={secret}"

    async def sign_in(self, link_secret: str) -> str:
        """Use up a sign-in link and give the secret of the session cookie it buys. Raises `identity.bad_token`."""
        identity, link = await self._find(link_secret, SIGN_IN_LINK)
        unit = self._storage.begin()
        unit.use_token(link.token_id, timestamp(self._clock.now()))
        unit.append_audit(self._entry(identity, "identity.signed_in", link, identity.identity_id))
        try:
            await unit.commit()
        except Conflict as error:
            raise _bad_token() from error
        _, secret = await self.create(
            identity,
            kind=SESSION_COOKIE,
            label="browser",
            lifetime_s=COOKIE_LIFETIME_S,
            actor=identity.identity_id,
        )
        return secret

    async def revoke(self, tenant: str, token_id: str, actor: Identity) -> None:
        """End a token of the tenant. Raises `request.not_found`, and `store.conflict` for one that has ended."""
        token = next((token for token in await self._storage.tokens(tenant) if token.token_id == token_id), None)
        if token is None:
            raise NotFound(
                "request.not_found", "There is no such token.", next_step="List tokens with: opsconductor tokens list."
            )
        unit = self._storage.begin()
        unit.revoke_token(token_id, timestamp(self._clock.now()))
        unit.append_audit(self._entry(actor, "token.revoked", token, actor.identity_id))
        await unit.commit()

    async def _find(self, secret: str, kind: str) -> tuple[Identity, Token]:
        found = await self._storage.identity_of_token(token_hash(secret)) if _can_be_one(secret) else None
        if found is None:
            raise _bad_token()
        identity, token = found
        expired = token.expires_at is not None and token.expires_at <= timestamp(self._clock.now())
        if token.kind != kind or token.revoked_at or token.used_at or expired:
            raise _bad_token()
        if identity.disabled:
            raise _disabled(identity)
        return found

    def _entry(self, identity: Identity, action: str, token: Token, actor: str) -> AuditEntry:
        detail = {"identity": identity.identity_id, "kind": token.kind, "label": token.label}
        return AuditEntry(
            tenant=identity.tenant,
            at=timestamp(self._clock.now()),
            actor=actor,
            action=action,
            subject=token.token_id,
            detail=detail,
        )


def check_token(name: str, secret: str) -> None:
    """Raise `identity.required` without a token for `name`, `identity.bad_token` for what can be none."""
    if not secret:
        raise Refused(
            "identity.required",
            f"Acting as {name} needs a token of {name}.",
            next_step="Put the token into OPSCONDUCTOR_TOKEN.",
        )
    if not _can_be_one(secret):
        raise _bad_token()


def check_tenant(identity: Identity, tenant: str) -> None:
    """Raise `identity.unknown` unless the identity is one of that isolation tenant."""
    if identity.tenant != tenant:
        raise Refused("identity.unknown", f"{identity.name} is no identity of the tenant {tenant}.")


def _can_be_one(secret: str) -> bool:
    return 0 < len(secret) <= _LONGEST and secret.isascii() and secret.isprintable()


def _disabled(identity: Identity) -> OpsConductorError:
    return Refused(
        "identity.unknown",
        f"The identity {identity.name} is disabled.",
        next_step=f"Ask an administrator to run: opsconductor identities disable {identity.name} --enable",
    )


def _bad_token() -> OpsConductorError:
    return Refused("identity.bad_token", "This token is not valid (any more).")
