"""Executions move as the state machine says, and only the newest open attempt of a step gets a result."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import ExecutionStatus, StepStatus
from opsconductor.ports.storage import StepJournal
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused
from opsconductor.testing.contracts.storage.samples import identifier

_EXECUTION = identifier("exec", 1)


async def _running(opened: Opened) -> None:
    async with opened.unit() as unit:
        unit.add_execution(samples.execution())
        unit.move_execution(samples.move("pending", "running"))
        unit.claim_execution(_EXECUTION, "worker-1", 15, 0)


async def keeps_an_execution_as_it_was_frozen(opened: Opened) -> None:
    """Plan and all, with a result or without."""
    with_result = samples.execution(
        2,
        result=samples.result(identifier("exec", 2)),
        turn_group="group",
        owner="w",
        tool_key=samples.HASH,
        cancelled_by=identifier("idn", 2),
    )
    for execution in (samples.execution(), with_result):
        async with opened.unit() as unit:
            unit.add_execution(execution)
        assert await opened.storage.execution("default", execution.execution_id) == execution
    assert await opened.storage.executions("default") == (with_result, samples.execution())
    assert await opened.storage.executions("default", limit=1) == (with_result,)
    assert await opened.storage.executions("default", before=with_result.execution_id) == (samples.execution(),)
    assert await opened.storage.executions("default", before=samples.execution().execution_id) == ()
    assert await opened.storage.executions("other", before=with_result.execution_id) == ()
    assert await opened.storage.execution("default", "other") is None


async def moves_from_the_stored_state_only(opened: Opened) -> None:
    """A move that comes too late changes nothing, and neither does the rest of its unit."""
    await _running(opened)
    async with refused("store.conflict"), opened.unit() as unit:
        unit.save_result(_EXECUTION, samples.result(_EXECUTION))
        unit.move_execution(samples.move("pending", "cancelled"), "worker-2")
    stored = await opened.storage.execution("default", _EXECUTION)
    assert stored == samples.execution(
        status=ExecutionStatus.RUNNING, owner="worker-1", updated_at=samples.LATER, claim=1
    )


async def refuses_a_move_that_the_state_machine_does_not_know(opened: Opened) -> None:
    """Whatever the stored state is."""
    await _running(opened)
    for source, target in (("running", "pending"), ("succeeded", "running"), ("pending", "succeeded")):
        illegal = samples.move(source, target)
        async with refused("execution.illegal_move"), opened.unit() as unit:
            unit.move_execution(illegal)


async def says_when_there_is_no_such_execution(opened: Opened) -> None:
    """For every change of one."""
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.move_execution(samples.move("pending", "running"))
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.save_result(_EXECUTION, samples.result(_EXECUTION))
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.record_intent(samples.intent())
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.record_result(_EXECUTION, samples.step_result(), 1)
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.move_execution(samples.move("pending", "running"), claim=1)


async def records_every_move_in_order(opened: Opened) -> None:
    """Who, when and why; the owner stays unless a new one is given."""
    await _running(opened)
    async with opened.unit() as unit:
        unit.move_execution(samples.move("running", "unknown"))
    async with opened.unit() as unit:
        unit.move_execution(samples.move("unknown", "succeeded"))
    assert await opened.storage.moves("default", _EXECUTION) == (
        samples.move("pending", "running"),
        samples.move("running", "unknown"),
        samples.move("unknown", "succeeded"),
    )
    stored = await opened.storage.execution("default", _EXECUTION)
    assert stored is not None
    assert (stored.status, stored.owner) == (ExecutionStatus.SUCCEEDED, "worker-1")


async def lists_what_runs_of_all_tenants(opened: Opened) -> None:
    """Only that, oldest first."""
    for number, tenant in ((1, "a"), (2, "b"), (3, "a")):
        async with opened.unit() as unit:
            unit.add_execution(samples.execution(number, tenant))
            unit.move_execution(samples.move("pending", "running", number))
    async with opened.unit() as unit:
        unit.move_execution(samples.move("running", "failed", 2))
    running = await opened.storage.running_executions()
    assert [(one.execution_id, one.tenant) for one in running] == [
        (identifier("exec", 1), "a"),
        (identifier("exec", 3), "a"),
    ]


async def replaces_the_result(opened: Opened) -> None:
    """As it stands now."""
    await _running(opened)
    first = samples.result(_EXECUTION)
    for result in (first, replace(first, summary="later", step_results=())):
        async with opened.unit() as unit:
            unit.save_result(_EXECUTION, result)
        stored = await opened.storage.execution("default", _EXECUTION)
        assert stored is not None
        assert stored.result == result


async def journals_each_attempt_once(opened: Opened) -> None:
    """In order, for each step and target, open until its result is there."""
    await _running(opened)
    intents = [
        samples.intent(1),
        samples.intent(1, target_id=""),
        samples.intent(2),
        samples.intent(1, step_id="step_2"),
    ]
    for intent in intents:
        async with opened.unit() as unit:
            unit.record_intent(intent)
    for intent in intents:
        async with refused("store.conflict"), opened.unit() as unit:
            unit.record_intent(intent)
    result = samples.step_result(StepStatus.UNKNOWN, target_id="")
    async with opened.unit() as unit:
        unit.record_result(_EXECUTION, result, 1)
    assert await opened.storage.journal("default", _EXECUTION) == tuple(
        StepJournal(intent=intent, result=result if intent.target_id == "" else None) for intent in intents
    )


async def refuses_a_result_of_an_attempt_that_was_superseded(opened: Opened) -> None:
    """A worker that wakes late does not overwrite what came after it."""
    await _running(opened)
    async with opened.unit() as unit:
        unit.record_intent(samples.intent(1))
    async with opened.unit() as unit:
        unit.record_intent(samples.intent(2))
    async with refused("store.conflict"), opened.unit() as unit:
        unit.record_result(_EXECUTION, samples.step_result(), 1)
    async with opened.unit() as unit:
        unit.record_result(_EXECUTION, samples.step_result(note="second"), 2)
    first, second = await opened.storage.journal("default", _EXECUTION)
    assert first.result is None
    assert second.result == samples.step_result(note="second")


async def takes_one_result_for_an_open_intent(opened: Opened) -> None:
    """None without an intent, none twice, and none that says nothing was done."""
    await _running(opened)
    async with refused("store.conflict"), opened.unit() as unit:
        unit.record_result(_EXECUTION, samples.step_result(), 1)
    async with opened.unit() as unit:
        unit.record_intent(samples.intent())
    for status in (StepStatus.TODO, StepStatus.INTENT, StepStatus.SKIPPED, StepStatus.COMPENSATED):
        illegal = samples.step_result(status)
        async with refused("execution.illegal_move"), opened.unit() as unit:
            unit.record_result(_EXECUTION, illegal, 1)
    async with opened.unit() as unit:
        unit.record_result(_EXECUTION, samples.step_result(StepStatus.FAILED), 1)
    async with refused("store.conflict"), opened.unit() as unit:
        unit.record_result(_EXECUTION, samples.step_result(), 1)
    (entry,) = await opened.storage.journal("default", _EXECUTION)
    assert entry.result == samples.step_result(StepStatus.FAILED)


async def takes_one_open_execution_of_a_key(opened: Opened) -> None:
    """While one waits, is queued or runs, the same order is refused, and the refusal names it; not another tenant's."""
    key: dict[str, Any] = {"tool_key": samples.HASH, "status": ExecutionStatus.AWAITING_APPROVAL}
    async with opened.unit() as unit:
        unit.add_execution(samples.execution(1, **key))
        unit.add_execution(samples.execution(2, "other", **key))
    for target in ("queued", "running"):
        for status in (ExecutionStatus.AWAITING_APPROVAL, ExecutionStatus.RUNNING, ExecutionStatus.PENDING):
            again = samples.execution(3, tool_key=samples.HASH, status=status)
            async with refused("execution.duplicate", execution=_EXECUTION), opened.unit() as unit:
                unit.add_execution(again)
        source = "awaiting_approval" if target == "queued" else "queued"
        async with opened.unit() as unit:
            unit.move_execution(samples.move(source, target))
    found = await opened.storage.open_execution("default", samples.HASH)
    assert found is not None
    assert (found.execution_id, found.tool_key) == (_EXECUTION, samples.HASH)
    async with opened.unit() as unit:
        unit.move_execution(samples.move("running", "unknown"))
        unit.add_execution(samples.execution(3, **key))
    found = await opened.storage.open_execution("default", samples.HASH)
    assert found is not None
    assert found.execution_id == identifier("exec", 3)
    assert await opened.storage.open_execution("default", "other") is None


async def lets_any_number_be_open_without_a_key(opened: Opened) -> None:
    """Reads are never the same order."""
    async with opened.unit() as unit:
        for number in (1, 2):
            unit.add_execution(samples.execution(number, status=ExecutionStatus.RUNNING))
    assert len(await opened.storage.executions("default")) == 2
    assert await opened.storage.open_execution("default", "") is None


async def lets_one_of_many_equal_orders_in(opened: Opened) -> None:
    """Twenty at the same time, from two sides."""
    async with opened.again() as other:
        sides = (opened, replace(opened, storage=other))

        async def order(number: int) -> None:
            async with sides[number % 2].unit() as unit:
                waiting = ExecutionStatus.AWAITING_APPROVAL
                unit.add_execution(samples.execution(number, tool_key="key", status=waiting))

        outcomes = await asyncio.gather(*map(order, range(20)), return_exceptions=True)
    codes = Counter(outcome.code if isinstance(outcome, Conflict) else outcome for outcome in outcomes)
    assert codes == {None: 1, "execution.duplicate": 19}


async def replaces_the_plan_while_it_waits(opened: Opened) -> None:
    """Of the hash that was seen, with its key, and not once it runs."""
    waiting = samples.execution(tool_key="old", status=ExecutionStatus.AWAITING_APPROVAL)
    async with opened.unit() as unit:
        unit.add_execution(waiting)
        unit.add_execution(samples.execution(2, tool_key="taken", status=ExecutionStatus.AWAITING_APPROVAL))
    edited = replace(samples.plan(), estimate_s=9.0)
    async with refused("store.conflict"), opened.unit() as unit:
        unit.refreeze_execution(_EXECUTION, edited, "second", "another", "new")
    async with refused("execution.duplicate", execution=identifier("exec", 2)), opened.unit() as unit:
        unit.refreeze_execution(_EXECUTION, edited, "second", samples.HASH, "taken")
    async with opened.unit() as unit:
        unit.refreeze_execution(_EXECUTION, edited, "second", samples.HASH, "new")
    stored = await opened.storage.execution("default", _EXECUTION)
    assert stored == replace(waiting, plan=edited, plan_hash="second", tool_key="new")
    async with opened.unit() as unit:
        unit.refreeze_execution(_EXECUTION, edited, "third", "second", "new")
    async with opened.unit() as unit:
        unit.refreeze_execution(_EXECUTION, edited, "fourth", "third", "")
    assert await opened.storage.open_execution("default", "new") is None
    async with opened.unit() as unit:
        unit.move_execution(samples.move("awaiting_approval", "running"))
    async with refused("store.conflict"), opened.unit() as unit:
        unit.refreeze_execution(_EXECUTION, edited, "fifth", "fourth", "")
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.refreeze_execution(identifier("exec", 9), edited, "third", samples.HASH, "")


async def lists_the_executions_of_a_turn_group(opened: Opened) -> None:
    """Oldest first, whether the group has an id of its own or its first turn's."""
    group = identifier("turn", 1)
    async with opened.unit() as unit:
        unit.add_execution(samples.execution(1))
        unit.add_execution(samples.execution(2, turn_group=group))
        unit.add_execution(samples.execution(3))
        unit.add_execution(samples.execution(4, "other", turn_group=group))
    found = await opened.storage.executions_of_group("default", group)
    assert [one.execution_id for one in found] == [identifier("exec", 1), identifier("exec", 2)]
    assert await opened.storage.executions_of_group("default", "none") == ()


PROMISES: tuple[Promise, ...] = (
    keeps_an_execution_as_it_was_frozen,
    moves_from_the_stored_state_only,
    refuses_a_move_that_the_state_machine_does_not_know,
    says_when_there_is_no_such_execution,
    records_every_move_in_order,
    lists_what_runs_of_all_tenants,
    replaces_the_result,
    journals_each_attempt_once,
    refuses_a_result_of_an_attempt_that_was_superseded,
    takes_one_result_for_an_open_intent,
    takes_one_open_execution_of_a_key,
    lets_any_number_be_open_without_a_key,
    lets_one_of_many_equal_orders_in,
    replaces_the_plan_while_it_waits,
    lists_the_executions_of_a_turn_group,
)
