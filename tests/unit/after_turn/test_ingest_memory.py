"""An episode of every turn that touched something, once, in the words of the record alone."""

from dataclasses import replace
from pathlib import Path

from opsconductor.after_turn.ingest_memory import IngestMemory, episode
from opsconductor.domain.execution import StepStatus
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.domain.turn import TurnRecord
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.records import a_record
from opsconductor.testing.turns import MOMENT
from tests.unit.stage_e import open_stage_e

CHANGE = a_change()


async def a_turn(home: Path) -> TurnRecord:
    async with open_stage_e(home, CHANGE) as stage:
        plan = a_plan(a_step(CHANGE, *HOSTS[:2]))
        closing = await stage.run(plan)
    return a_record(message="restart it, my password is canary-4711", plan=plan, execution=closing.result)


async def test_an_episode_names_what_was_done_to_what(home: Path) -> None:
    memory = episode(await a_turn(home), MOMENT)
    assert memory is not None
    assert memory.text == (
        "2026-05-05 12:00 UTC: service-restart billing on app-01: succeeded; "
        "service-restart billing on app-02: succeeded"
    )
    assert memory.entities == ("asset_app-01", "asset_app-02", "billing")
    assert (memory.memory_id, memory.turn_id) == ("mem_1", "turn_1")
    assert "canary" not in repr(memory)


async def test_turns_that_touched_nothing_leave_none(home: Path) -> None:
    record = await a_turn(home)
    assert episode(replace(record, reply=replace(record.reply, execution=None)), MOMENT) is None
    assert record.reply.plan is not None
    untargeted = replace(record.reply.plan, steps=tuple(replace(s, targets=()) for s in record.reply.plan.steps))
    assert episode(replace(record, reply=replace(record.reply, plan=untargeted)), MOMENT) is None


async def test_what_never_ran_is_not_remembered_as_done(home: Path) -> None:
    record = await a_turn(home)
    assert record.reply.execution is not None
    first, second = record.reply.execution.step_results
    results = (replace(first, status=StepStatus.UNKNOWN), replace(second, status=StepStatus.SKIPPED))
    execution = replace(record.reply.execution, step_results=results)
    memory = episode(replace(record, reply=replace(record.reply, execution=execution)), MOMENT)
    assert memory is not None
    assert memory.text.endswith("service-restart billing on app-01: unknown")
    none = replace(execution, step_results=(results[1],))
    assert episode(replace(record, reply=replace(record.reply, execution=none)), MOMENT) is None


async def test_an_undo_is_told_as_one_and_a_look_at_a_rollout_is_left_out(home: Path) -> None:
    record = await a_turn(home)
    assert record.reply.execution is not None
    first, second = record.reply.execution.step_results
    results = (
        replace(first, status=StepStatus.COMPENSATED),
        replace(second, status=StepStatus.SKIPPED),
        replace(first, step_id="step_1.verify", tool="service-version"),
        replace(first, step_id="step_1.undo", tool="service-start"),
    )
    execution = replace(record.reply.execution, step_results=results)
    memory = episode(replace(record, reply=replace(record.reply, execution=execution)), MOMENT)
    assert memory is not None
    assert memory.text == (
        "2026-05-05 12:00 UTC: service-restart billing on app-01: undone; "
        "undo of service-restart billing on app-01 by service-start: succeeded"
    )


async def test_a_second_delivery_changes_nothing(home: Path) -> None:
    record = await a_turn(home / "1")
    async with open_stage_e(home / "2", CHANGE) as stage:
        message = OutboxMessage(
            message_id="out_1", tenant="default", topic="memory", turn_id="turn_1", payload={}, created_at=MOMENT
        )
        handler = IngestMemory(_Recorded(stage.stored, record), stage.clock)  # type: ignore[arg-type]
        for _ in range(2):
            await handler.handle(message)
        memories = await stage.stored.memories("default", ("billing",), 5)
        assert await stage.stored.memories("elsewhere", ("billing",), 5) == ()
    assert len(memories) == 1


class _Recorded:
    """A storage that has this record."""

    def __init__(self, inner: object, record: TurnRecord) -> None:
        self._inner = inner
        self._record = record

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def turn_record(self, tenant: str, turn_id: str) -> TurnRecord:
        return self._record
