import os
from dataclasses import replace

import pytest

from opsconductor.domain.errors import Conflict, OpsConductorError
from opsconductor.domain.identity import Identity
from opsconductor.server.credentials import BEARER, SESSION_COOKIE, SIGN_IN_LINK, check_tenant
from tests.unit.server.conftest import ADDRESS, Door

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def code_of(coming: object) -> str:
    with pytest.raises(OpsConductorError) as refused:
        await coming  # type: ignore[misc]
    return refused.value.code


async def test_a_token_is_whose_it_was_made_for_and_the_store_never_sees_its_secret(door: Door) -> None:
    secret = await door.token("approver")
    assert (await door.credentials.identity_of(secret, BEARER)).name == "approver"
    kept = await door.engine.storage.tokens("default")
    assert all(secret not in str(token) for token in kept)


@pytest.mark.parametrize("secret", ["", "opsc_unknown", "x" * 5000, "opsc_\ud800", "ÄÖ", "'; drop table tokens; --"])
async def test_what_is_no_token_is_refused(door: Door, secret: str) -> None:
    assert await code_of(door.credentials.identity_of(secret, BEARER)) == "identity.bad_token"


async def test_a_token_of_one_kind_is_none_of_another(door: Door) -> None:
    secret = await door.token()
    assert await code_of(door.credentials.identity_of(secret, SESSION_COOKIE)) == "identity.bad_token"
    assert await code_of(door.credentials.sign_in(secret)) == "identity.bad_token"


async def test_an_expired_token_is_refused(door: Door) -> None:
    assert await code_of(door.credentials.identity_of(await door.token(lifetime_s=-1), BEARER)) == "identity.bad_token"


async def test_a_revoked_token_is_refused_and_cannot_be_revoked_again(door: Door) -> None:
    owner = await door.identity()
    token, secret = await door.credentials.create(
        owner, kind=BEARER, label="", lifetime_s=None, actor=owner.identity_id
    )
    await door.credentials.revoke("default", token.token_id, owner)
    assert await code_of(door.credentials.identity_of(secret, BEARER)) == "identity.bad_token"
    with pytest.raises(Conflict):
        await door.credentials.revoke("default", token.token_id, owner)
    assert await code_of(door.credentials.revoke("default", "tok_none", owner)) == "request.not_found"
    assert await code_of(door.credentials.revoke("other", token.token_id, owner)) == "request.not_found"


async def test_a_sign_in_link_works_once_and_buys_a_cookie(door: Door) -> None:
    url = await door.credentials.sign_in_url(await door.identity(), ADDRESS)
    assert url.startswith(f"{ADDRESS}/sign-in?token=opsc_")
    link = url.partition("token=")[2]
    cookie = await door.credentials.sign_in(link)
    assert (await door.credentials.identity_of(cookie, SESSION_COOKIE)).name == "requester"
    assert await code_of(door.credentials.sign_in(link)) == "identity.bad_token"
    assert await code_of(door.credentials.identity_of(cookie, BEARER)) == "identity.bad_token"


async def test_links_last_ten_minutes_and_cookies_half_a_day(door: Door) -> None:
    url = await door.credentials.sign_in_url(await door.identity(), ADDRESS)
    await door.credentials.sign_in(url.partition("token=")[2])
    newest = {token.kind: token for token in reversed(await door.engine.storage.tokens("default"))}
    for kind, hours in ((SIGN_IN_LINK, 1 / 6), (SESSION_COOKIE, 12)):
        from datetime import datetime

        token = newest[kind]
        assert token.expires_at is not None
        lasts = datetime.fromisoformat(token.expires_at) - datetime.fromisoformat(token.created_at)
        assert lasts.total_seconds() == hours * 3600


async def test_everything_about_tokens_is_audited_without_the_secret(door: Door) -> None:
    url = await door.credentials.sign_in_url(await door.identity(), ADDRESS)
    secret = url.partition("token=")[2]
    await door.credentials.sign_in(secret)
    rows = await door.engine.storage.audit("default", limit=10_000)
    assert {"token.created", "identity.signed_in", "token.revoked"} >= {
        row.entry.action for row in rows if row.entry.subject.startswith("tok_")
    }
    assert secret not in str(rows)


async def test_the_operating_system_user_is_bound_to_one_identity(door: Door) -> None:
    assert (await door.credentials.identity_of_user(os.getuid())).name == "requester"
    assert await code_of(door.credentials.identity_of_user(99_999)) == "identity.unknown"


async def test_the_user_of_a_disabled_identity_is_told_that_it_is_disabled(door: Door) -> None:
    await change(door, replace(await door.identity(), disabled=True))
    try:
        with pytest.raises(OpsConductorError, match="The identity requester is disabled") as refused:
            await door.credentials.identity_of_user(os.getuid())
        assert "opsconductor identities disable requester --enable" in refused.value.next_step
    finally:
        await change(door, replace(await door.identity(), disabled=False))


async def change(door: Door, identity: Identity) -> None:
    unit = door.engine.storage.begin()
    unit.change_identity(identity)
    await unit.commit()


async def test_acting_as_somebody_needs_a_token_of_theirs(door: Door) -> None:
    assert (await door.credentials.identity_named("approver", await door.token("approver"))).name == "approver"
    assert await code_of(door.credentials.identity_named("approver", "")) == "identity.required"
    assert await code_of(door.credentials.identity_named("approver", await door.token())) == "identity.bad_token"


async def test_an_identity_belongs_to_one_tenant(door: Door) -> None:
    identity = await door.identity()
    check_tenant(identity, "default")
    with pytest.raises(OpsConductorError, match="no identity of the tenant other"):
        check_tenant(identity, "other")
