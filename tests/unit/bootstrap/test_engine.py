"""An engine takes turns, tells observers, and closes what dead processes left; living owners are left alone."""

from typing import Any

import pytest

from opsconductor.bootstrap import Overrides, open_engine
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.turn import AcceptedTurn, Trigger, TurnInput
from opsconductor.settings import Settings
from opsconductor.testing.doubles.storage.failing import REFUSE, FailingStorageDouble, at_method


async def test_observers_see_every_phase_start_and_end_in_order(settings: Settings) -> None:
    seen: list[tuple[str, str]] = []
    async with open_engine(settings) as engine:
        identity = await engine.storage.identity("default", "requester")
        assert identity is not None
        turn = TurnInput(turn_id=engine.ids.new("turn"), identity=identity, message="How many assets do we have?")
        reply = await engine.take_turn(turn, lambda phase, state, at: seen.append((phase[:3], state)))
    assert seen == [(f"p{number:02d}", state) for number in range(1, 12) for state in ("start", "end")]
    assert [timing.phase[:3] for timing in reply.phases] == [f"p{number:02d}" for number in range(1, 12)]


async def test_only_what_dead_owners_left_is_closed_and_only_once(settings: Settings) -> None:
    async with open_engine(settings) as engine:
        identity = await engine.storage.identity("default", "requester")
        assert identity is not None
        engine.under_way.add("turn_alive")
        for turn_id, owner in (("turn_dead", "1-1-gone"), ("turn_alive", engine.processes.me)):
            unit = engine.storage.begin()
            unit.accept_turn(
                AcceptedTurn(
                    turn_id=turn_id,
                    tenant="default",
                    session_id=f"sess_{turn_id}",
                    turn_group=turn_id,
                    identity_id=identity.identity_id,
                    channel="cli",
                    trigger=Trigger.MESSAGE,
                    message="How many assets do we have?",
                    approval_id="",
                    received_at="2026-01-01T00:00:00.000Z",
                    owner=owner,
                )
            )
            await unit.commit()
        told = await engine.recover()
        assert [(reply.turn_id, reply.kind.value) for reply in told] == [("turn_dead", "failed")]
        assert "Nothing was run" in told[0].message
        assert await engine.recover() == ()
        assert [turn.turn_id for turn in await engine.storage.open_turns()] == ["turn_alive"]


async def test_a_turn_whose_end_could_not_be_stored_is_closed_by_the_same_living_process(settings: Settings) -> None:
    failing = Overrides(storage=lambda storage: FailingStorageDouble(storage, at_method("finish_turn", REFUSE)))  # type: ignore[arg-type, return-value]
    async with open_engine(settings, overrides=failing) as engine:
        identity = await engine.storage.identity("default", "requester")
        assert identity is not None
        turn = TurnInput(turn_id=engine.ids.new("turn"), identity=identity, message="How many assets do we have?")
        with pytest.raises(Unavailable):
            await engine.take_turn(turn)
        told = await engine.recover()
        assert [reply.turn_id for reply in told] == [turn.turn_id]
        assert await engine.storage.open_turns() == ()


async def test_one_turn_that_cannot_be_closed_keeps_no_other_open_and_stops_nothing(settings: Settings) -> None:
    async with open_engine(settings) as engine:
        identity = await engine.storage.identity("default", "requester")
        assert identity is not None
        for turn_id in ("turn_1", "turn_2"):
            unit = engine.storage.begin()
            unit.accept_turn(
                AcceptedTurn(
                    turn_id=turn_id,
                    tenant="default",
                    session_id=f"sess_{turn_id}",
                    turn_group=turn_id,
                    identity_id=identity.identity_id,
                    channel="cli",
                    trigger=Trigger.MESSAGE,
                    message="How many assets do we have?",
                    approval_id="",
                    received_at="2026-01-01T00:00:00.000Z",
                    owner="1-1-gone",
                )
            )
            await unit.commit()
        settle_turn = engine.recovery.settle_turn

        async def broken(accepted: AcceptedTurn, *others: Any) -> Any:
            if accepted.turn_id == "turn_1":
                raise KeyError("a bug")
            return await settle_turn(accepted, *others)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine.recovery, "settle_turn", broken)
            assert [reply.turn_id for reply in await engine.recover()] == ["turn_2"]
        assert "KeyError" in (settings.home / "logs" / "faults.jsonl").read_text("utf-8")
