"""The straight turn: whatever breaks on the way is told, recorded and reported, and nothing is claimed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.bootstrap import Engine, Overrides, open_engine
from opsconductor.domain.errors import BadInput, Unavailable
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import TurnInput, TurnReply
from opsconductor.ports.llm import WordingRequest
from opsconductor.settings import load_settings
from opsconductor.testing.doubles.lanes.delayed import FailingLaneDouble
from opsconductor.testing.doubles.storage.failing import REFUSE, FailingStorageDouble, at_method

QUESTION = "How many assets do we have?"


@asynccontextmanager
async def engine(home: Path, overrides: Overrides | None = None) -> AsyncIterator[Engine]:
    async with open_engine(load_settings({"home": str(home)}), overrides=overrides) as opened:
        yield opened


async def ask(opened: Engine, text: str = QUESTION) -> TurnReply:
    identity = await opened.storage.identity("default", "requester")
    assert identity is not None
    return await opened.take_turn(
        TurnInput(turn_id=opened.ids.new("turn"), identity=identity, message=text, session_id="sess_1")
    )


async def test_a_turn_leaves_its_record_its_session_and_eleven_audited_phases(home: Path) -> None:
    async with engine(home) as opened:
        reply = await ask(opened)
        record = await opened.storage.turn_record("default", reply.turn_id)
        assert record is not None
        assert record.reply == reply
        assert record.number == 1
        rows = await opened.storage.audit("default", limit=1000)
        phases = [row.entry.detail["phase"] for row in rows if row.entry.action == "phase.completed"]
        assert phases == [f"p{number:02d}" + name for number, name in enumerate(NAMES, start=1)]
        assert rows[-1].entry.action == "turn.finished"
        assert (await ask(opened)).session_id == reply.session_id
        session = await opened.storage.session("default", "sess_1")
        assert session is not None
        assert session.turn_count == 2


NAMES = [
    "_identify",
    "_sense",
    "_update_customer",
    "_retrieve",
    "_select_rules",
    "_orchestrate",
    "_execute_tools",
    "_plan_response",
    "_generate",
    "_enforce",
]


async def test_a_broken_rules_lane_fails_the_turn_closed(home: Path) -> None:
    broken = Overrides(
        lanes=lambda lanes: replace(lanes, rules=FailingLaneDouble(Unavailable("store.unavailable", "gone")))
    )
    async with engine(home, broken) as opened:
        reply = await ask(opened)
        assert reply.kind is ReplyKind.FAILED
        assert reply.execution is None
        assert await opened.storage.executions("default") == ()


@pytest.mark.parametrize("lane", ["scenarios", "memories", "intents"])
async def test_another_broken_lane_is_a_warning_in_record_and_reply(home: Path, lane: str) -> None:
    failing = FailingLaneDouble(RuntimeError("gone"))  # type: ignore[var-annotated]
    broken = Overrides(lanes=lambda lanes: replace(lanes, **{lane: failing}))
    async with engine(home, broken) as opened:
        reply = await ask(opened)
        assert reply.kind is ReplyKind.ANSWER
        assert any(lane in warning for warning in reply.warnings)
        record = await opened.storage.turn_record("default", reply.turn_id)
        assert record is not None
        assert record.lanes[lane]["warning"]


async def test_what_nobody_foresaw_is_told_with_a_reference_and_written_down(home: Path) -> None:
    broken = Overrides(lanes=lambda lanes: replace(lanes, rules=FailingLaneDouble(KeyError("a bug"))))
    async with engine(home, broken) as opened:
        reply = await ask(opened)
        assert reply.kind is ReplyKind.FAILED
        assert (reply.error or {})["code"] == "internal.fault"
        assert "a bug" not in reply.message
        written = (home / "logs" / "faults.jsonl").read_text("utf-8")
        assert any(word in written for word in reply.message.replace(")", " ").split() if word.startswith("fault_"))


async def test_what_is_refused_at_the_door_is_not_accepted(home: Path) -> None:
    async with engine(home) as opened:
        with pytest.raises(BadInput):
            await ask(opened, "   ")
        assert await opened.storage.open_turns() == ()
        assert await opened.storage.turns("default") == ()


async def test_when_the_end_cannot_be_stored_the_turn_stays_open_and_is_closed_later(home: Path) -> None:
    failing = Overrides(storage=lambda storage: FailingStorageDouble(storage, at_method("finish_turn", REFUSE)))  # type: ignore[arg-type, return-value]
    async with engine(home, failing) as opened:
        with pytest.raises(Unavailable):
            await ask(opened)
        assert len(await opened.storage.open_turns()) == 1
        assert await opened.storage.turns("default") == ()
    async with engine(home) as opened:
        told = await opened.recover()
        assert [reply.kind for reply in told] == [ReplyKind.FAILED]
        assert len(await opened.storage.turns("default")) == 1


class BrokenWording:
    """A model whose adapter has a bug."""

    async def word(self, request: WordingRequest) -> str:
        raise KeyError("a bug")


async def test_what_breaks_after_the_execution_loses_neither_its_result_nor_its_truth(home: Path) -> None:
    async with engine(home, Overrides(wording=BrokenWording())) as opened:
        reply = await ask(opened)
        assert reply.kind is ReplyKind.ANSWER
        assert "executed and succeeded" in reply.message
        assert reply.execution is not None
        stored = await opened.storage.execution("default", reply.execution.execution_id)
        assert stored is not None
        assert stored.status is ExecutionStatus.SUCCEEDED
        assert await opened.storage.running_executions() == ()
