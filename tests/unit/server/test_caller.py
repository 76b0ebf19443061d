import os
from collections.abc import Callable
from typing import Any

import pytest

from opsconductor.server.caller import cookie_name
from tests.unit.server.conftest import ADDRESS, Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

Told = Callable[[Any], tuple[int, str]]


async def cookie(door: Door) -> str:
    url = await door.credentials.sign_in_url(await door.identity(), ADDRESS)
    return f"{cookie_name(door.engine.home_id)}={await door.credentials.sign_in(url.partition('token=')[2])}"


async def test_nobody_in_particular_is_refused_even_on_loopback(door: Door, problem_of: Told) -> None:
    assert problem_of(await door.http().get("/tools")) == (401, "identity.required")


@pytest.mark.parametrize("value", ["Basic YTpi", "opsc_x", "Digest x"])
async def test_other_schemes_are_refused(door: Door, problem_of: Told, value: str) -> None:
    assert problem_of(await door.http(Authorization=value).get("/tools")) == (401, "identity.required")


async def test_a_bearer_token_says_who_it_is(door: Door, problem_of: Told) -> None:
    assert (await (await door.as_()).get("/tools")).status_code == 200
    assert (await door.http(authorization=f"bearer  {await door.token()} ").get("/tools")).status_code == 200
    assert problem_of(await door.http(Authorization="Bearer opsc_wrong").get("/tools")) == (401, "identity.bad_token")


async def test_acting_as_somebody_needs_their_own_token(door: Door, problem_of: Told) -> None:
    token = await door.token("approver")
    fits = door.http(**{"Authorization": f"Bearer {token}", "OpsConductor-As": "approver"})
    assert (await fits.get("/tools")).status_code == 200
    other = door.http(**{"Authorization": f"Bearer {token}", "OpsConductor-As": "requester"})
    assert problem_of(await other.get("/tools")) == (401, "identity.bad_token")


async def test_the_user_at_the_socket_is_known_and_another_is_not(door: Door, problem_of: Told) -> None:
    assert (await door.http(uid=os.getuid()).get("/tools")).status_code == 200
    assert problem_of(await door.http(uid=99_999).get("/tools")) == (403, "identity.unknown")


async def test_a_token_at_the_socket_counts_more_than_the_user(door: Door, problem_of: Told) -> None:
    called = door.http(uid=os.getuid(), Authorization="Bearer opsc_wrong")
    assert problem_of(await called.get("/tools")) == (401, "identity.bad_token")


async def test_another_tenant_is_not_entered(door: Door, problem_of: Told) -> None:
    called = door.http(uid=os.getuid(), **{"OpsConductor-Tenant": "other"})
    assert problem_of(await called.get("/tools")) == (403, "identity.unknown")


async def test_a_signed_in_browser_reads_and_asks_for_changes_from_its_own_page_only(
    door: Door, problem_of: Told
) -> None:
    browser = door.http(Cookie=await cookie(door))
    assert (await browser.get("/tools")).status_code == 200
    body = {"request": ""}
    assert problem_of(await browser.post("/pipeline", json=body)) == (403, "request.origin")
    assert problem_of(await browser.post("/pipeline", json=body, headers={"Origin": ADDRESS})) == (422, "request.empty")


async def test_a_wrong_cookie_is_refused(door: Door, problem_of: Told) -> None:
    browser = door.http(Cookie=f"{cookie_name(door.engine.home_id)}=opsc_wrong")
    assert problem_of(await browser.get("/tools")) == (401, "identity.bad_token")


@pytest.mark.parametrize(
    ("given", "channel"),
    [({}, "cli"), ({"OpsConductor-Channel": "chat"}, "chat"), ({"OpsConductor-Channel": "x"}, "cli")],
)
async def test_the_record_says_how_a_command_came_in(door: Door, given: dict[str, str], channel: str) -> None:
    reply = await door.http(uid=os.getuid(), **given).post("/pipeline", json={"request": "help"})
    record = await door.engine.storage.turn_record("default", reply.json()["turn_id"])
    assert record is not None
    assert record.channel == channel


async def test_the_record_says_whether_a_browser_or_a_program_asked(door: Door) -> None:
    for client, channel in ((door.http(Cookie=await cookie(door)), "web"), (await door.as_(), "api")):
        headers = {"Origin": ADDRESS, "OpsConductor-Channel": "chat"}
        reply = await client.post("/pipeline", json={"request": "help"}, headers=headers)
        record = await door.engine.storage.turn_record("default", reply.json()["turn_id"])
        assert record is not None
        assert record.channel == channel
