import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from opsconductor.cli.over_socket import OverSocketClient, open_over_socket, told_by
from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.turn import ApprovalAnswer
from opsconductor.server.import_order import ImportOrder
from opsconductor.server.server_lock import ServerAddress, running_server
from opsconductor.server.serving import serve
from opsconductor.settings import Settings, load_settings

QUESTION = "How many assets do we have?"


@pytest.fixture
def settings(fresh: Path) -> Settings:
    return replace(load_settings({"port": "0"}), asset_service_port=0)


@asynccontextmanager
async def connected(settings: Settings, **who: str) -> AsyncIterator[OverSocketClient]:
    """A client of a server that lives in this process for as long."""
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        server = tasks.create_task(serve(settings, lab=False, announce=lambda _: ready.set()))
        await ready.wait()
        address = running_server(settings.home)
        assert address is not None
        given = {"acting_as": "", "token": "", "tenant": "default", "channel": "cli", **who}
        async with open_over_socket(address, **given) as client:
            yield client
        server.cancel()


async def test_every_question_of_a_client_is_answered(settings: Settings, tmp_path: Path) -> None:
    async with connected(settings) as client:
        reply = await client.ask(QUESTION)
        assert reply["message"].startswith("You have 6 assets")
        assert "requires_approval" not in reply
        assert (await client.turns(5, reply["session_id"]))[0] == await client.turn(reply["turn_id"])
        (execution,) = await client.executions(5)
        assert (await client.execution(execution["execution_id"]))["journal"] is not None
        assert await client.approvals(5, "pending") == []
        assert (await client.assets(AssetQuery(query_type="count")))["total_count"] == 6
        assert await client.tool("disk-usage") in await client.tools()
        file = tmp_path / "a.csv"
        file.write_bytes(b"name,type\nsw-1,switch\n")
        assert (await client.import_assets(ImportOrder(kind="csv", source=str(file))))["added"] == ["sw-1"]
        token = await client.create_token("", "x", None)
        assert token["token_id"] in str(await client.tokens())
        assert (await client.revoke_token(token["token_id"]))["revoked"]
        assert "/sign-in?token=" in (await client.sign_in_link())["url"]


async def test_phases_are_heard_as_they_run_and_the_session_goes_on(settings: Settings) -> None:
    heard: list[tuple[str, str]] = []
    async with connected(settings, channel="chat") as client:
        first = await client.ask(QUESTION, "", lambda phase, event, at_ms: heard.append((phase, event)))
        second = await client.ask("help", first["session_id"], lambda *_: None)
        assert (await client.turn(first["turn_id"]))["channel"] == "chat"
    assert heard[0] == ("p01_identify", "start")
    assert heard[-1] == ("p11_persist", "end")
    assert second["session_id"] == first["session_id"]


async def test_people_are_managed_over_the_socket_as_in_this_process(settings: Settings) -> None:
    async with connected(settings) as client:
        made = await client.create_identity("ana", ("approver",), "human")
        assert (made["name"], made["roles"]) == ("ana", ["approver"])
        assert (await client.grant("ana", ("viewer",), False))["roles"] == ["approver", "viewer"]
        assert (await client.disable("ana", False))["disabled"] is True
        assert made["identity_id"] in {one["identity_id"] for one in await client.identities()}
        assert await client.self_approval(True, "alone") == {"self_approval": True}
        assert await client.self_approval(None, "") == {"self_approval": True}
        assert await client.reviews_due() == []


NOTHING = ApprovalAnswer(approval_id="appr_x", plan_hash="h", decision="approve")


async def test_errors_are_those_of_the_engine(settings: Settings) -> None:
    async with connected(settings) as client:
        for coming, code in (
            (client.ask(""), "request.empty"),
            (client.ask("", "", lambda *_: None), "request.empty"),
            (client.turn("none"), "turn.not_found"),
            (client.turn(""), "turn.not_found"),
            (client.execution("a/b"), "execution.not_found"),
            (client.decide(NOTHING), "approval.not_found"),
            (client.review("appr_x", "why", True), "approval.not_found"),
            (client.create_identity("ana", ("boss",), "human"), "request.invalid"),
            (client.grant("nobody", ("approver",), False), "request.not_found"),
            (client.disable("nobody", False), "request.not_found"),
            (client.self_approval(True, ""), "approval.reason_needed"),
            (client.import_assets(ImportOrder(kind="csv", source="/none")), "import.unreadable"),
        ):
            with pytest.raises(OpsConductorError) as refused:
                await coming
            assert refused.value.code == code


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ({"acting_as": "approver", "token": "opsc_wrong"}, "identity.bad_token"),
        ({"acting_as": "approver"}, "identity.required"),
        ({"acting_as": "approver", "token": "opsc_ü"}, "identity.bad_token"),
        ({"acting_as": "approver", "token": "opsc_\n"}, "identity.bad_token"),
        ({"tenant": "other"}, "identity.unknown"),
    ],
)
async def test_nobody_acts_as_somebody_else(settings: Settings, who: dict[str, str], code: str) -> None:
    with pytest.raises(ExceptionGroup) as refused:
        async with connected(settings, **who) as client:
            await client.ask("help")
    assert [getattr(error, "code", "") for error in refused.value.exceptions] == [code]


async def test_a_server_that_is_gone_is_told(tmp_path: Path) -> None:
    gone = ServerAddress(address="", pid=1, home_id="", socket=str(tmp_path / "s"), started_at="")
    async with open_over_socket(gone, acting_as="", token="", tenant="default", channel="cli") as client:
        for coming in (client.tools(), client.ask("x", "", lambda *_: None)):
            with pytest.raises(OpsConductorError) as refused:
                await coming
            assert refused.value.code == "server.unreachable"


def answering(status: int, content: bytes) -> OverSocketClient:
    transport = httpx2.MockTransport(lambda request: httpx2.Response(status, content=content))
    return OverSocketClient(httpx2.AsyncClient(transport=transport, base_url="http://localhost"))


@pytest.mark.parametrize(
    ("status", "content"),
    [(200, b"<html>"), (500, b""), (500, b"[]"), (502, b'{"code": "of.tomorrow", "detail": "?"}')],
)
async def test_an_answer_that_is_not_understood_is_told(status: int, content: bytes) -> None:
    with pytest.raises(OpsConductorError) as refused:
        await answering(status, content).tools()
    assert refused.value.code == "server.unreachable"


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (
            b"event: phase\ndata: " + json.dumps({"phase": "p", "event": "start", "ms": 1}).encode() + b"\n\n",
            "server.unreachable",
        ),
        (b'event: problem\ndata: {"code": "store.full", "detail": "Full."}\n\n', "store.full"),
        (b"", "server.unreachable"),
    ],
)
async def test_a_stream_that_breaks_off_or_ends_in_a_problem_is_told(stream: bytes, code: str) -> None:
    with pytest.raises(OpsConductorError) as refused:
        await answering(200, stream).ask("x", "", lambda *_: None)
    assert refused.value.code == code


def test_a_problem_is_the_error_that_it_stands_for() -> None:
    problem: dict[str, Any] = {
        "code": "import.bad_file",
        "detail": "Bad.",
        "next_step": "Mend.",
        "faults": [1],
        "type": "t",
    }
    error = told_by(problem)
    assert (error.code, error.message, error.next_step, error.facts) == (
        "import.bad_file",
        "Bad.",
        "Mend.",
        {"faults": [1]},
    )
