"""An unknown outcome becomes known once, nothing else is ever rewritten, and full outputs are kept as they were."""

import asyncio
from collections import Counter
from dataclasses import replace

from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import StepStatus
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused
from opsconductor.testing.contracts.storage.samples import identifier

_EXECUTION = identifier("exec", 1)


async def _ended(opened: Opened, status: StepStatus | None) -> None:
    async with opened.unit() as unit:
        unit.add_execution(samples.execution())
        unit.move_execution(samples.move("pending", "running"))
        unit.claim_execution(_EXECUTION, "first", 15, 0)
        unit.record_intent(samples.intent())
        if status is not None:
            unit.record_result(_EXECUTION, samples.step_result(status), 1)


async def _settle(opened: Opened, status: StepStatus, note: str = "settled", attempt: int = 1) -> None:
    async with opened.unit() as unit:
        unit.append_audit(samples.audit_entry())
        unit.settle_result(_EXECUTION, samples.step_result(status, note=note), attempt)


async def settles_an_unknown_outcome(opened: Opened) -> None:
    """As done or as not done; and nobody settles it again."""
    await _ended(opened, StepStatus.UNKNOWN)
    await _settle(opened, StepStatus.FAILED)
    for status in (StepStatus.SUCCEEDED, StepStatus.FAILED):
        async with refused("execution.not_unknown"):
            await _settle(opened, status, "again")
    (entry,) = await opened.storage.journal("default", _EXECUTION)
    assert entry.result == samples.step_result(StepStatus.FAILED, note="settled")
    assert len(await opened.storage.audit("default")) == 1


async def records_that_a_success_was_undone(opened: Opened) -> None:
    """Only a success can be."""
    await _ended(opened, StepStatus.SUCCEEDED)
    await _settle(opened, StepStatus.COMPENSATED)
    (entry,) = await opened.storage.journal("default", _EXECUTION)
    assert entry.result is not None
    assert entry.result.status is StepStatus.COMPENSATED
    async with refused("execution.not_unknown"):
        await _settle(opened, StepStatus.COMPENSATED)


async def rewrites_nothing_that_is_known(opened: Opened) -> None:
    """Nor an attempt that is open or does not exist."""
    await _ended(opened, StepStatus.FAILED)
    for status in (StepStatus.SUCCEEDED, StepStatus.COMPENSATED, StepStatus.UNKNOWN):
        async with refused("execution.not_unknown"):
            await _settle(opened, status)
    async with opened.unit() as unit:
        unit.record_intent(samples.intent(2))
    for attempt in (2, 3):
        async with refused("execution.not_unknown"):
            await _settle(opened, StepStatus.SUCCEEDED, attempt=attempt)
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.settle_result("other", samples.step_result(), 1)
    first, second = await opened.storage.journal("default", _EXECUTION)
    assert first.result == samples.step_result(StepStatus.FAILED)
    assert second.result is None


async def settles_unknown_as_nothing_else(opened: Opened) -> None:
    """What happened or did not; an outcome is not skipped afterwards."""
    await _ended(opened, StepStatus.UNKNOWN)
    for status in (StepStatus.UNKNOWN, StepStatus.SKIPPED, StepStatus.COMPENSATED, StepStatus.INTENT, StepStatus.TODO):
        async with refused("execution.not_unknown"):
            await _settle(opened, status)


async def lets_one_of_many_settle(opened: Opened) -> None:
    """Twenty at the same time, from two sides, who disagree."""
    await _ended(opened, StepStatus.UNKNOWN)
    async with opened.again() as other:
        sides = (opened, replace(opened, storage=other))
        said = [StepStatus.SUCCEEDED, StepStatus.FAILED] * 10
        outcomes = await asyncio.gather(
            *(_settle(sides[number % 2], status, str(number)) for number, status in enumerate(said)),
            return_exceptions=True,
        )
    codes = Counter(outcome.code if isinstance(outcome, Conflict) else outcome for outcome in outcomes)
    assert codes == {None: 1, "execution.not_unknown": 19}
    (entry,) = await opened.storage.journal("default", _EXECUTION)
    winner = outcomes.index(None)
    assert entry.result == samples.step_result(said[winner], note=str(winner))


async def keeps_a_full_output(opened: Opened) -> None:
    """To the byte; the same reference again changes nothing, and no other tenant reads it."""
    await _ended(opened, None)
    bodies = {"ref_0": b"", "ref_1": bytes(range(256)) * 4, "ref_2": b"a line of a log\n" * 20_000}
    for reference, body in bodies.items():
        for said in (body, b"something else"):
            async with opened.unit() as unit:
                unit.keep_output("default", _EXECUTION, reference, said)
        assert await opened.storage.output("default", reference) == body
        assert await opened.storage.output("other", reference) is None
    assert await opened.storage.output("default", "none") is None
    async with refused("execution.not_found"), opened.unit() as unit:
        unit.keep_output("default", "other", "ref_9", b"x")


async def tells_who_changed_a_target_since(opened: Opened) -> None:
    """Other executions of the tenant, after its own newest intent there; reads name no approval."""
    for number, tenant in ((1, "default"), (2, "default"), (3, "other")):
        async with opened.unit() as unit:
            unit.add_execution(samples.execution(number, tenant))
            unit.move_execution(samples.move("pending", "running", number))
            unit.claim_execution(identifier("exec", number), "first", 15, 0)
    target = identifier("asset", 1)
    before, read, elsewhere, later = (
        samples.intent(number=2),
        samples.intent(2, 2, approval_id=""),
        samples.intent(3, 2, target_id="another"),
        samples.intent(4, 2),
    )
    for number, intent in enumerate((before, samples.intent(), read, elsewhere)):
        async with opened.unit() as unit:
            unit.record_intent(intent)
            unit.record_intent(samples.intent(number, 3))
    assert await opened.storage.later_changes("default", target, _EXECUTION) == ()
    async with opened.unit() as unit:
        unit.record_intent(later)
    assert await opened.storage.later_changes("default", target, _EXECUTION) == (later,)
    assert await opened.storage.later_changes("default", target, identifier("exec", 2)) == ()
    assert await opened.storage.later_changes("default", target, "none") == (before, samples.intent(), later)


PROMISES: tuple[Promise, ...] = (
    settles_an_unknown_outcome,
    records_that_a_success_was_undone,
    rewrites_nothing_that_is_known,
    settles_unknown_as_nothing_else,
    lets_one_of_many_settle,
    keeps_a_full_output,
    tells_who_changed_a_target_since,
)
