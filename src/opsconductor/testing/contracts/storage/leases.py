"""Whoever runs an execution holds it for a while; who comes too late writes nothing, and a target has one changer."""

import asyncio
from collections import Counter
from dataclasses import replace

from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import Execution, StepStatus
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused
from opsconductor.testing.contracts.storage.samples import identifier

_EXECUTION = identifier("exec", 1)
_TARGET = identifier("asset", 1)
_LEASE_S = 15.0


async def _running(opened: Opened, number: int = 1, tenant: str = "default") -> None:
    async with opened.unit() as unit:
        unit.add_execution(samples.execution(number, tenant))
        unit.move_execution(samples.move("pending", "running", number))
        unit.claim_execution(identifier("exec", number), "first", _LEASE_S, 0)


async def _claim(opened: Opened, owner: str, expected: int) -> None:
    async with opened.unit() as unit:
        unit.claim_execution(_EXECUTION, owner, _LEASE_S, expected)


async def _renew(opened: Opened, owner: str = "first", claim: int = 1) -> None:
    async with opened.unit() as unit:
        unit.renew_lease(_EXECUTION, owner, claim, _LEASE_S)


async def _lock(opened: Opened, number: int, target: str = _TARGET, tenant: str = "default") -> None:
    async with opened.unit() as unit:
        unit.lock_target(tenant, target, identifier("exec", number), _LEASE_S)


async def _stored(opened: Opened) -> Execution:
    found = await opened.storage.execution("default", _EXECUTION)
    assert found is not None
    return found


async def claims_a_run_in_the_unit_that_starts_it(opened: Opened) -> None:
    """Not before it runs, not under another claim, and not when it has ended."""
    async with opened.unit() as unit:
        unit.add_execution(samples.execution())
    async with refused("execution.fenced"):
        await _claim(opened, "early", 0)
    async with opened.unit() as unit:
        unit.move_execution(samples.move("pending", "running"))
        unit.claim_execution(_EXECUTION, "first", _LEASE_S, 0)
    assert ((await _stored(opened)).owner, (await _stored(opened)).claim) == ("first", 1)
    for expected in (0, 2):
        async with refused("execution.fenced"):
            await _claim(opened, "second", expected)
    async with opened.unit() as unit:
        unit.move_execution(samples.move("running", "failed"))
    async with refused("execution.fenced"):
        await _claim(opened, "late", 1)
    assert ((await _stored(opened)).owner, (await _stored(opened)).claim) == ("first", 1)


async def lets_one_of_many_take_over(opened: Opened) -> None:
    """Twenty at the same time, from two sides, all of whom saw the same claim."""
    await _running(opened)
    async with opened.again() as other:
        sides = (opened, replace(opened, storage=other))
        outcomes = await asyncio.gather(
            *(_claim(sides[number % 2], str(number), 1) for number in range(20)), return_exceptions=True
        )
    codes = Counter(outcome.code if isinstance(outcome, Conflict) else outcome for outcome in outcomes)
    assert codes == {None: 1, "execution.fenced": 19}
    assert (await _stored(opened)).owner == str(outcomes.index(None))
    assert (await _stored(opened)).claim == 2


async def renews_a_lease_that_is_not_over(opened: Opened) -> None:
    """By its owner, under its claim, while it runs; once over it stays over."""
    await _running(opened)
    for _ in range(4):
        opened.clock.advance(10)
        await _renew(opened)
    for owner, claim in (("second", 1), ("first", 2), ("first", 0)):
        async with refused("execution.fenced"):
            await _renew(opened, owner, claim)
    assert await opened.storage.abandoned_executions() == ()
    opened.clock.advance(_LEASE_S)
    async with refused("execution.fenced"):
        await _renew(opened)
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.renew_lease("other", "first", 1, _LEASE_S)
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.claim_execution("other", "first", _LEASE_S, 0)


async def lists_what_runs_while_nobody_holds_it(opened: Opened) -> None:
    """Of all tenants, oldest first; not what is held, and not what has ended."""
    for number, tenant in ((1, "a"), (2, "b"), (3, "a"), (4, "a")):
        await _running(opened, number, tenant)
    async with opened.unit() as unit:
        unit.move_execution(samples.move("running", "succeeded", 3))
    assert await opened.storage.abandoned_executions() == ()
    opened.clock.advance(_LEASE_S)
    async with opened.unit() as unit:
        unit.claim_execution(identifier("exec", 4), "second", _LEASE_S, 1)
    found = await opened.storage.abandoned_executions()
    assert [(one.execution_id, one.tenant) for one in found] == [(_EXECUTION, "a"), (identifier("exec", 2), "b")]


async def takes_an_intent_only_of_whoever_holds_the_run(opened: Opened) -> None:
    """Not after the lease, not under an earlier claim, and not once it has ended."""
    await _running(opened)
    for claim in (0, 2):
        async with refused("execution.fenced"), opened.unit() as unit:
            unit.record_intent(samples.intent(claim=claim))
    opened.clock.advance(_LEASE_S)
    async with refused("execution.fenced"), opened.unit() as unit:
        unit.record_intent(samples.intent())
    await _claim(opened, "second", 1)
    async with refused("execution.fenced"), opened.unit() as unit:
        unit.record_intent(samples.intent())
    async with opened.unit() as unit:
        unit.record_intent(samples.intent(claim=2))
        unit.move_execution(samples.move("running", "failed"), claim=2)
    async with refused("execution.fenced"), opened.unit() as unit:
        unit.record_intent(samples.intent(2, claim=2))
    assert len(await opened.storage.journal("default", _EXECUTION)) == 1


async def takes_no_intent_of_a_run_that_nobody_holds(opened: Opened) -> None:
    """One that was started without a claim."""
    async with opened.unit() as unit:
        unit.add_execution(samples.execution())
        unit.move_execution(samples.move("pending", "running"), "first")
    async with refused("execution.fenced"), opened.unit() as unit:
        unit.record_intent(samples.intent(claim=0))


async def refuses_what_a_former_owner_writes_late(opened: Opened) -> None:
    """Its result and its last move; nothing of its unit is kept."""
    await _running(opened)
    async with opened.unit() as unit:
        unit.record_intent(samples.intent())
    await _claim(opened, "second", 1)
    async with refused("execution.fenced"), opened.unit() as unit:
        unit.append_audit(samples.audit_entry())
        unit.record_result(_EXECUTION, samples.step_result(), 1, claim=1)
    async with refused("execution.fenced"), opened.unit() as unit:
        unit.save_result(_EXECUTION, samples.result(_EXECUTION))
        unit.move_execution(samples.move("running", "succeeded"), claim=1)
    assert await opened.storage.audit("default") == ()
    assert (await _stored(opened)).result is None
    async with opened.unit() as unit:
        unit.record_result(_EXECUTION, samples.step_result(StepStatus.UNKNOWN), 1, claim=2)
        unit.move_execution(samples.move("running", "unknown"), claim=2)
    (entry,) = await opened.storage.journal("default", _EXECUTION)
    assert entry.result == samples.step_result(StepStatus.UNKNOWN)


async def takes_the_result_of_a_lease_that_is_over_but_was_not_taken(opened: Opened) -> None:
    """What was seen is recorded as long as nobody else has said what it was."""
    await _running(opened)
    async with opened.unit() as unit:
        unit.record_intent(samples.intent())
    opened.clock.advance(_LEASE_S)
    async with opened.unit() as unit:
        unit.record_result(_EXECUTION, samples.step_result(), 1, claim=1)
        unit.move_execution(samples.move("running", "succeeded"), claim=1)
    (entry,) = await opened.storage.journal("default", _EXECUTION)
    assert entry.result == samples.step_result()


async def takes_no_intent_after_it_was_cancelled(opened: Opened) -> None:
    """Who asked first stays; what is under way may still be written down."""
    await _running(opened)
    async with opened.unit() as unit:
        unit.record_intent(samples.intent())
    for actor in ("ana", "ben"):
        async with opened.unit() as unit:
            unit.request_cancel(_EXECUTION, actor)
    assert (await _stored(opened)).cancelled_by == "ana"
    async with refused("execution.cancelled"), opened.unit() as unit:
        unit.record_intent(samples.intent(step_id="step_2"))
    async with opened.unit() as unit:
        unit.record_result(_EXECUTION, samples.step_result(), 1, claim=1)
        unit.move_execution(samples.move("running", "cancelled"), claim=1)
    async with refused("execution.not_cancellable"), opened.unit() as unit:
        unit.request_cancel(_EXECUTION, "ana")
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.request_cancel("other", "ana")


async def starts_no_step_once_a_cancel_is_acknowledged(opened: Opened) -> None:
    """Forty intents and a cancel at the same time, from two sides: none is taken after it."""
    await _running(opened)
    async with opened.again() as other:
        sides = (opened, replace(opened, storage=other))

        async def begin(number: int) -> bool:
            async with sides[number % 2].unit() as unit:
                unit.record_intent(samples.intent(step_id=f"step_{number}"))
            return True

        async def cancel() -> int:
            async with opened.unit() as unit:
                unit.request_cancel(_EXECUTION, "ana")
            return len(await opened.storage.journal("default", _EXECUTION))

        seen, *outcomes = await asyncio.gather(cancel(), *map(begin, range(40)), return_exceptions=True)
    assert len(await opened.storage.journal("default", _EXECUTION)) == seen == outcomes.count(True)
    refusals = {one.code for one in outcomes if isinstance(one, Conflict)}
    assert refusals <= {"execution.cancelled"}


async def locks_a_target_for_one_run(opened: Opened) -> None:
    """The refusal names it; it is prolonged by itself, and free for another tenant."""
    for number, tenant in ((1, "default"), (2, "default"), (3, "other")):
        await _running(opened, number, tenant)
    for _ in range(2):
        await _lock(opened, 1)
    async with refused("target.busy", holder=_EXECUTION):
        await _lock(opened, 2)
    await _lock(opened, 2, "another")
    await _lock(opened, 3, tenant="other")
    assert await opened.storage.target_holder("default", _TARGET) == _EXECUTION
    assert await opened.storage.target_holder("default", "none") is None
    opened.clock.advance(_LEASE_S)
    assert await opened.storage.target_holder("default", _TARGET) is None
    await _lock(opened, 2)
    assert await opened.storage.target_holder("default", _TARGET) == identifier("exec", 2)
    async with refused("target.busy", holder=identifier("exec", 2)):
        await _lock(opened, 1)
    async with refused("execution.not_found"):
        await _lock(opened, 9, "third")


async def lets_one_of_many_lock_a_target(opened: Opened) -> None:
    """Twenty at the same time, from two sides."""
    for number in range(20):
        await _running(opened, number)
    async with opened.again() as other:
        sides = (opened, replace(opened, storage=other))
        outcomes = await asyncio.gather(
            *(_lock(sides[number % 2], number) for number in range(20)), return_exceptions=True
        )
    codes = Counter(outcome.code if isinstance(outcome, Conflict) else outcome for outcome in outcomes)
    assert codes == {None: 1, "target.busy": 19}
    assert await opened.storage.target_holder("default", _TARGET) == identifier("exec", outcomes.index(None))


async def keeps_its_targets_as_long_as_its_lease(opened: Opened) -> None:
    """Each renewal prolongs them."""
    await _running(opened)
    await _lock(opened, 1)
    await _running(opened, 2)
    for _ in range(3):
        opened.clock.advance(10)
        await _renew(opened)
    assert await opened.storage.target_holder("default", _TARGET) == _EXECUTION
    async with refused("target.busy"):
        await _lock(opened, 2)


async def gives_its_targets_back_when_it_ends_or_waits(opened: Opened) -> None:
    """Whichever way it ends; a run that begins keeps what it has."""
    for number, target in enumerate(("succeeded", "failed", "cancelled", "unknown", "awaiting_approval"), 1):
        await _running(opened, number)
        await _lock(opened, number)
        async with opened.unit() as unit:
            unit.move_execution(samples.move("running", target, number), claim=1)
        assert await opened.storage.target_holder("default", _TARGET) is None
        async with refused("execution.fenced"), opened.unit() as unit:
            unit.renew_lease(identifier("exec", number), "first", 1, _LEASE_S)
    async with opened.unit() as unit:
        unit.move_execution(samples.move("awaiting_approval", "running", 5))
        unit.claim_execution(identifier("exec", 5), "second", _LEASE_S, 1)
        unit.lock_target("default", _TARGET, identifier("exec", 5), _LEASE_S)
    assert await opened.storage.target_holder("default", _TARGET) == identifier("exec", 5)


async def looks_again_at_what_is_unknown(opened: Opened) -> None:
    """At once, and then when it was said; never when it is not unknown any more."""
    for number in (1, 2, 3):
        await _running(opened, number, f"tenant-{number}")
    async with opened.unit() as unit:
        unit.move_execution(samples.move("running", "unknown", 1))
        unit.move_execution(samples.move("running", "unknown", 2))
        unit.move_execution(samples.move("running", "failed", 3))
    due = await opened.storage.unknown_executions_due(10)
    assert {one.execution_id for one in due} == {_EXECUTION, identifier("exec", 2)}
    assert len(await opened.storage.unknown_executions_due(1)) == 1
    async with opened.unit() as unit:
        unit.look_again(_EXECUTION, 20)
        unit.look_again(identifier("exec", 2), None)
    opened.clock.advance(19)
    assert await opened.storage.unknown_executions_due(10) == ()
    opened.clock.advance(2)
    assert [one.execution_id for one in await opened.storage.unknown_executions_due(10)] == [_EXECUTION]
    async with opened.unit() as unit:
        unit.move_execution(samples.move("unknown", "succeeded"))
    assert await opened.storage.unknown_executions_due(10) == ()
    for execution_id, code in ((_EXECUTION, "store.conflict"), ("other", "execution.not_found")):
        async with refused(code), opened.unit() as unit:
            unit.look_again(execution_id, 1)


PROMISES: tuple[Promise, ...] = (
    claims_a_run_in_the_unit_that_starts_it,
    lets_one_of_many_take_over,
    renews_a_lease_that_is_not_over,
    lists_what_runs_while_nobody_holds_it,
    takes_an_intent_only_of_whoever_holds_the_run,
    takes_no_intent_of_a_run_that_nobody_holds,
    refuses_what_a_former_owner_writes_late,
    takes_the_result_of_a_lease_that_is_over_but_was_not_taken,
    takes_no_intent_after_it_was_cancelled,
    starts_no_step_once_a_cancel_is_acknowledged,
    locks_a_target_for_one_run,
    lets_one_of_many_lock_a_target,
    keeps_its_targets_as_long_as_its_lease,
    gives_its_targets_back_when_it_ends_or_waits,
    looks_again_at_what_is_unknown,
)
