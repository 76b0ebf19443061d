import os
from pathlib import Path

import pytest

from opsconductor.bootstrap import FirstStart, open_engine
from opsconductor.cli.in_process import first_start_notice, open_in_process, recovery_notice
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import AcceptedTurn, Trigger, TurnReply
from opsconductor.settings import load_settings


async def test_a_new_home_is_told_once_and_what_follows_a_reply_is_delivered(fresh: Path) -> None:
    told: list[str] = []
    async with open_in_process(load_settings(), "", "chat", "default", told.append) as client:
        reply = await client.ask("How many assets do we have?")
        assert (await client.turn(reply["turn_id"]))["channel"] == "chat"
    assert [line.split(".")[0] for line in told] == ["New home"]
    async with open_in_process(load_settings(), "", "cli", "default", told.append):
        pass
    assert len(told) == 1
    async with open_engine(load_settings()) as engine:
        assert await engine.storage.outbox_due(10) == ()
        assert (await engine.storage.counts("default"))["turns"] == 1


async def test_what_a_dead_process_left_is_settled_and_told(fresh: Path) -> None:
    async with open_engine(load_settings()) as engine:
        identity = await engine.storage.identity_of_user(os.getuid())
        assert identity is not None
        unit = engine.storage.begin()
        unit.accept_turn(
            AcceptedTurn(
                turn_id="turn_left", tenant="default", session_id="sess_left", turn_group="turn_left",
                identity_id=identity.identity_id, channel="cli", trigger=Trigger.MESSAGE, message="help",
                approval_id="", received_at="2026-01-01T00:00:00.000Z", owner="start_dead",
            )
        )  # fmt: skip
        await unit.commit()
    told: list[str] = []
    async with open_in_process(load_settings(), "", "cli", "default", told.append) as client:
        assert (await client.turn("turn_left"))["turn_id"] == "turn_left"
    assert [line.split(",")[0] for line in told] == ["Recovered turn_left"]


@pytest.mark.parametrize(
    ("acting_as", "tenant", "code"), [("approver", "default", "identity.required"), ("", "other", "identity.unknown")]
)
async def test_who_may_not_does_not_get_in(fresh: Path, acting_as: str, tenant: str, code: str) -> None:
    with pytest.raises(OpsConductorError) as refused:
        async with open_in_process(load_settings(), acting_as, "cli", tenant, lambda _: None):
            pass
    assert refused.value.code == code


async def test_there_is_no_page_to_sign_in_to(fresh: Path) -> None:
    async with open_in_process(load_settings(), "", "cli", "default", lambda _: None) as client:
        with pytest.raises(OpsConductorError) as refused:
            await client.sign_in_link()
    assert refused.value.next_step == "Run: opsconductor serve"


def test_notices_say_what_has_to_be_known() -> None:
    first = FirstStart(requester="requester", approver="approver", approver_token="opsc_x")
    assert first_start_notice(first).endswith("shown only now: opsc_x")
    reply = TurnReply(turn_id="turn_1", session_id="s", kind=ReplyKind.UNKNOWN, message="Unknown.")
    assert recovery_notice(reply) == "Recovered turn_1, which had been interrupted: Unknown."
