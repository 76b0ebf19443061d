"""Identities of a tenant and its switch of self-approval: made, granted, disabled; by administrators, and audited."""

from collections.abc import Sequence
from dataclasses import replace

from opsconductor.bootstrap import Engine
from opsconductor.domain.approval_rights import SELF_APPROVAL, self_approval
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import BadInput, Conflict, NotFound
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.ports.clock import timestamp
from opsconductor.server.desk import demand

KINDS = ("human", "agent", "system")
LONGEST_NAME = 100


class People:
    """One identity's administration of the others. Every method raises `rights.denied` where it may not, `store.*`."""

    def __init__(self, engine: Engine, identity: Identity) -> None:
        self._engine = engine
        self._identity = identity

    async def identities(self) -> Json:
        """All of the tenant, by name."""
        demand(self._engine, self._identity, "manage_identities")
        return [_shown(one) for one in await self._engine.storage.identities(self._identity.tenant)]

    async def create(self, name: str, roles: Sequence[str], kind: str) -> JsonObject:
        """A new identity; it can be acted as once it has a token. Raises `request.invalid`, `store.conflict`."""
        demand(self._engine, self._identity, "manage_identities")
        if not (0 < len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip() and " " not in name):
            raise BadInput("request.invalid", f"name: 1 to {LONGEST_NAME} visible characters.", field="name")
        if kind not in KINDS:
            raise BadInput("request.invalid", f"kind: must be one of {', '.join(KINDS)}.", field="kind")
        made = Identity(
            identity_id=self._engine.ids.new("idn"),
            tenant=self._identity.tenant,
            name=name,
            kind=kind,
            roles=_roles(roles),
        )
        if await self._engine.storage.identity(made.tenant, name) is not None:
            raise Conflict("store.conflict", f"The name {name} is taken.", next_step="Choose another name.")
        unit = self._engine.storage.begin()
        unit.add_identity(made)
        unit.append_audit(self._entry("identity.created", made, roles=sorted(roles), kind=kind))
        await unit.commit()
        return _shown(made)

    async def grant(self, name: str, roles: Sequence[str], *, revoke: bool) -> JsonObject:
        """The identity with these roles more, or with `revoke` less. What it approved and has not run is judged anew.

        Raises `request.not_found`, `request.invalid`, `rights.denied` when no administrator would be left.
        """
        known, wanted = await self._found(name), _roles(roles)
        changed = replace(known, roles=known.roles - wanted if revoke else known.roles | wanted)
        action = "identity.revoked" if revoke else "identity.granted"
        return await self._change(changed, action, roles=sorted(roles))

    async def disable(self, name: str, *, enable: bool = False) -> JsonObject:
        """The identity, which acts no more, or with `enable` acts again. Raises as `grant`."""
        known = await self._found(name)
        return await self._change(
            replace(known, disabled=not enable), "identity.enabled" if enable else "identity.disabled"
        )

    async def self_approval(self, on: bool | None, reason: str) -> JsonObject:
        """Whether people may approve what they ordered themselves; with `on` this is changed, and recorded.

        Raises `approval.reason_needed` for a change without a reason.
        """
        demand(self._engine, self._identity, "manage_settings")
        storage, tenant = self._engine.storage, self._identity.tenant
        settings = dict(await storage.tenant_settings(tenant))
        if on is None or on == self_approval(settings):
            return {"self_approval": self_approval(settings)}
        if not reason.strip():
            raise BadInput(
                "approval.reason_needed",
                "This switch is changed with a reason; nothing was changed.",
                next_step="Say why with --reason.",
            )
        unit = storage.begin()
        unit.save_tenant_settings(tenant, {**settings, SELF_APPROVAL: on})
        unit.append_audit(
            AuditEntry(
                tenant=tenant,
                at=timestamp(self._engine.clock.now()),
                actor=self._identity.identity_id,
                action="settings.self_approval",
                subject=tenant,
                detail={"on": on, "reason": reason},
            )
        )
        await unit.commit()
        return {"self_approval": on}

    async def _found(self, name: str) -> Identity:
        demand(self._engine, self._identity, "manage_identities")
        found = await self._engine.storage.identity(self._identity.tenant, name)
        if found is None:
            raise NotFound(
                "request.not_found", f"There is no identity {name!r}.", next_step="Run: opsconductor identities list"
            )
        return found

    async def _change(self, changed: Identity, action: str, **detail: Json) -> JsonObject:
        everybody = await self._engine.storage.identities(self._identity.tenant)
        after = [changed if one.identity_id == changed.identity_id else one for one in everybody]
        if not any(Role.ADMIN in one.roles and not one.disabled for one in after):
            raise BadInput("request.invalid", "No administrator would be left; make another one first.", field="name")
        unit = self._engine.storage.begin()
        unit.change_identity(changed)
        unit.append_audit(self._entry(action, changed, **detail))
        await unit.commit()
        return _shown(changed)

    def _entry(self, action: str, about: Identity, **detail: Json) -> AuditEntry:
        return AuditEntry(
            tenant=about.tenant,
            at=timestamp(self._engine.clock.now()),
            actor=self._identity.identity_id,
            action=action,
            subject=about.identity_id,
            detail={"name": about.name, **detail},
        )


def _roles(names: Sequence[str]) -> frozenset[Role]:
    known = {role.value for role in Role}
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        words = f"There is no role {unknown[0]!r}; there is" if unknown else "Name at least one role of"
        raise BadInput("request.invalid", f"{words} {', '.join(sorted(known))}.", field="roles")
    return frozenset(Role(name) for name in names)


def _shown(identity: Identity) -> dict[str, Json]:
    return {
        "identity_id": identity.identity_id,
        "name": identity.name,
        "kind": identity.kind,
        "roles": sorted(role.value for role in identity.roles),
        "os_uid": identity.os_uid,
        "disabled": identity.disabled,
    }
