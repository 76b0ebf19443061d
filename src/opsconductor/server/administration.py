"""What only an administrator of the same machine does: imports from files, and tokens."""

from pathlib import Path
from typing import Any

from opsconductor.bootstrap import Engine, open_importer, to_json
from opsconductor.domain.errors import NotFound
from opsconductor.domain.identity import Identity, Token
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.ports.asset_import import ImportOptions
from opsconductor.server.credentials import BEARER, SIGN_IN_LINK, Credentials
from opsconductor.server.desk import demand
from opsconductor.server.import_order import ImportOrder
from opsconductor.services.asset_service.import_wording import describe_diff


class Administration:
    """One identity's administration of an engine. Every method raises `rights.denied` where it may not, `store.*`."""

    def __init__(self, engine: Engine, credentials: Credentials, identity: Identity) -> None:
        self._engine = engine
        self._credentials = credentials
        self._identity = identity

    async def import_assets(self, order: ImportOrder) -> JsonObject:
        """Import, or with `dry_run` only tell the difference. Raises `import.*`, `request.invalid`: nothing is stored.

        Gives {source, added, updated, unchanged, retired, revision, warnings, dry_run, text}.
        """
        demand(self._engine, self._identity, "import")
        importer = open_importer(self._engine.settings, order.kind)
        source = order.source if "://" in order.source else Path(order.source)
        options = ImportOptions(columns=order.columns, kind=order.record_kind, token_ref=order.token_ref)
        found = await importer.read(source, self._identity.tenant, options)
        diff = await self._engine.asset_store.put_assets(
            self._identity.tenant,
            found.source,
            found.assets,
            retire_missing=order.retire_missing,
            dry_run=order.dry_run,
            actor=self._identity.identity_id,
        )
        told: Any = to_json(diff)
        return {
            **told,
            "warnings": list(found.warnings),
            "dry_run": order.dry_run,
            "text": describe_diff(diff, dry_run=order.dry_run),
        }

    async def tokens(self) -> Json:
        """All tokens of the tenant, newest first, without what the store keeps of their secrets."""
        demand(self._engine, self._identity, "manage_tokens")
        names = {one.identity_id: one.name for one in await self._engine.storage.identities(self._identity.tenant)}
        found = await self._engine.storage.tokens(self._identity.tenant)
        return [
            _shown(token, names.get(token.identity_id, "")) for token in found if token.kind in (BEARER, SIGN_IN_LINK)
        ]

    async def create_token(self, name: str, label: str, lifetime_s: float | None) -> JsonObject:
        """A new bearer token of the named identity, the caller's own where `name` is empty; `secret` is shown once.

        Raises `request.not_found` for a name that is none.
        """
        demand(self._engine, self._identity, "manage_tokens")
        owner = await self._owner(name)
        token, secret = await self._credentials.create(
            owner, kind=BEARER, label=label, lifetime_s=lifetime_s, actor=self._identity.identity_id
        )
        return {**_shown(token, owner.name), "secret": secret}

    async def revoke_token(self, token_id: str) -> JsonObject:
        """End a token. Raises `request.not_found`, `store.conflict` when it has ended already."""
        demand(self._engine, self._identity, "manage_tokens")
        await self._credentials.revoke(self._identity.tenant, token_id, self._identity)
        return {"token_id": token_id, "revoked": True}

    async def _owner(self, name: str) -> Identity:
        if not name:
            return self._identity
        found = await self._engine.storage.identity(self._identity.tenant, name)
        if found is None:
            known = ", ".join(one.name for one in await self._engine.storage.identities(self._identity.tenant))
            raise NotFound(
                "request.not_found", f"There is no identity {name!r}.", next_step=f"Take one of these: {known}."
            )
        return found


def _shown(token: Token, name: str) -> dict[str, Json]:
    return {
        "token_id": token.token_id,
        "identity": name,
        "kind": token.kind,
        "label": token.label,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
        "revoked_at": token.revoked_at,
    }
