"""Names are unique in a tenant, and a token is found by its hash alone."""

from dataclasses import replace

from opsconductor.domain.identity import Role
from opsconductor.domain.json_value import JsonObject
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused
from opsconductor.testing.contracts.storage.samples import identifier


async def keeps_an_identity_with_its_roles(opened: Opened) -> None:
    """Found by name, by id and by operating-system user; the door checks whether it is disabled."""
    known = [
        samples.identity(1, os_uid=1000),
        samples.identity(2, name="bot", kind="system", roles=frozenset(Role), disabled=True),
        samples.identity(3, name="nobody", roles=frozenset()),
    ]
    for identity in known:
        async with opened.unit() as unit:
            unit.add_identity(identity)
    for identity in known:
        assert await opened.storage.identity("default", identity.name) == identity
        assert await opened.storage.identity_by_id("default", identity.identity_id) == identity
    assert await opened.storage.identity_of_user(1000) == known[0]
    assert await opened.storage.identity_of_user(1001) is None
    assert await opened.storage.identity("default", "Bot") is None
    assert await opened.storage.identities("default") == tuple(sorted(known, key=lambda one: one.name))


async def takes_a_name_once_in_a_tenant(opened: Opened) -> None:
    """Another tenant may have it too."""
    first, second = samples.identity(1, name="ana"), samples.identity(2, name="ana", tenant="other")
    async with opened.unit() as unit:
        unit.add_identity(first)
        unit.add_identity(second)
    async with refused("store.conflict"), opened.unit() as unit:
        unit.add_identity(samples.identity(3, name="ana"))
    assert await opened.storage.identity("default", "ana") == first
    assert await opened.storage.identity("other", "ana") == second


async def changes_what_an_identity_may_do(opened: Opened) -> None:
    """Roles, kind, user and whether it is disabled; another tenant's, or one that is not there, stays as it is."""
    identity = samples.identity(1, os_uid=1000, roles=frozenset({Role.REQUESTER, Role.ADMIN}))
    async with opened.unit() as unit:
        unit.add_identity(identity)
        unit.add_identity(samples.identity(2, name="other"))
    changed = replace(identity, roles=frozenset({Role.APPROVER}), disabled=True, kind="agent", os_uid=None)
    async with opened.unit() as unit:
        unit.change_identity(replace(changed, name="renamed"))
    assert await opened.storage.identity_by_id("default", identity.identity_id) == changed
    assert (await opened.storage.identity("default", "other")) == samples.identity(2, name="other")
    for nobody in (replace(changed, tenant="elsewhere"), samples.identity(9)):
        async with refused("store.conflict"), opened.unit() as unit:
            unit.change_identity(nobody)
    assert await opened.storage.identity_by_id("default", identity.identity_id) == changed


async def finds_whose_token_it_is(opened: Opened) -> None:
    """Expired, used and revoked ones too: the caller checks."""
    identity = samples.identity(1)
    spent = samples.token(
        2, kind="sign_in_link", expires_at=samples.LATER, used_at=samples.AT, revoked_at=samples.LATER
    )
    async with opened.unit() as unit:
        unit.add_identity(identity)
        unit.add_token(samples.token(1))
        unit.add_token(spent)
    assert await opened.storage.identity_of_token(samples.token(1).token_hash) == (identity, samples.token(1))
    assert await opened.storage.identity_of_token(spent.token_hash) == (identity, spent)
    assert await opened.storage.identity_of_token("0" * 64) is None
    assert await opened.storage.tokens("default") == (spent, samples.token(1))


async def uses_a_token_once(opened: Opened) -> None:
    """Not twice, not a revoked one, and none that nobody has."""
    async with opened.unit() as unit:
        unit.add_identity(samples.identity(1))
        unit.add_token(samples.token(1))
        unit.add_token(samples.token(2, revoked_at=samples.AT))
    async with opened.unit() as unit:
        unit.use_token(identifier("tok", 1), samples.LATER)
    for number in (1, 2, 3):
        async with refused("store.conflict"), opened.unit() as unit:
            unit.use_token(identifier("tok", number), samples.AT)
    assert (await opened.storage.tokens("default"))[1] == samples.token(1, used_at=samples.LATER)


async def revokes_a_token_once(opened: Opened) -> None:
    """A used one too; none that nobody has."""
    async with opened.unit() as unit:
        unit.add_identity(samples.identity(1))
        unit.add_token(samples.token(1, used_at=samples.AT))
    async with opened.unit() as unit:
        unit.revoke_token(identifier("tok", 1), samples.LATER)
    for number in (1, 2):
        async with refused("store.conflict"), opened.unit() as unit:
            unit.revoke_token(identifier("tok", number), samples.AT)
    (token,) = await opened.storage.tokens("default")
    assert token == samples.token(1, used_at=samples.AT, revoked_at=samples.LATER)


async def gives_no_token_to_an_identity_that_does_not_exist(opened: Opened) -> None:
    """And nothing else of that unit."""
    async with refused("store.conflict"), opened.unit() as unit:
        unit.add_identity(samples.identity(1))
        unit.add_token(replace(samples.token(1), identity_id=identifier("idn", 9)))
    assert await opened.storage.identities("default") == ()


async def replaces_the_settings_of_a_tenant(opened: Opened) -> None:
    """All of them, and nobody else's."""
    first: JsonObject = {"act_threshold": 0.7, "strategy": {"rules": ["elbow", 5]}}
    for settings in (first, {"act_threshold": 0.8, "x": None}):
        async with opened.unit() as unit:
            unit.save_tenant_settings("default", settings)
        assert await opened.storage.tenant_settings("default") == settings
    assert await opened.storage.tenant_settings("other") == {}


PROMISES: tuple[Promise, ...] = (
    keeps_an_identity_with_its_roles,
    takes_a_name_once_in_a_tenant,
    changes_what_an_identity_may_do,
    finds_whose_token_it_is,
    uses_a_token_once,
    revokes_a_token_once,
    gives_no_token_to_an_identity_that_does_not_exist,
    replaces_the_settings_of_a_tenant,
)
