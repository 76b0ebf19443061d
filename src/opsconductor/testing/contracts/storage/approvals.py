"""An approval is decided once and consumed once, for exactly the plan that was shown."""

import asyncio
from collections import Counter
from dataclasses import replace

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.errors import Conflict
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused
from opsconductor.testing.contracts.storage.samples import identifier

_APPROVAL = identifier("appr", 1)
_FINAL = (ApprovalState.APPROVED, ApprovalState.REJECTED, ApprovalState.CHANGES_REQUESTED)


async def _pending(opened: Opened) -> None:
    async with opened.unit() as unit:
        unit.add_approval(samples.approval())


async def _decide(opened: Opened, state: ApprovalState = ApprovalState.APPROVED, who: str = "") -> None:
    decision = samples.decision(who=who, who_name=who) if who else samples.decision()
    async with opened.unit() as unit:
        unit.decide_approval(_APPROVAL, decision, state)


async def keeps_an_approval_as_it_was_asked(opened: Opened) -> None:
    """The envelope to the byte, with whatever was said already."""
    said = samples.approval(
        2,
        decisions=(samples.decision(), samples.decision(who="two", decision="reject", break_glass=True)),
        expires_at="soon",
        needed=2,
        step_id="step_1",
        review=samples.decision(who="three"),
    )
    for approval in (samples.approval(), said):
        async with opened.unit() as unit:
            unit.add_approval(approval)
        assert await opened.storage.approval("default", approval.approval_id) == approval
    assert await opened.storage.approval("default", "other") is None


async def records_a_decision_and_who_made_it(opened: Opened) -> None:
    """Whichever way it goes."""
    for number, state in enumerate(_FINAL, 1):
        async with opened.unit() as unit:
            unit.add_approval(samples.approval(number))
        async with opened.unit() as unit:
            unit.decide_approval(identifier("appr", number), samples.decision(), state)
        found = await opened.storage.approval("default", identifier("appr", number))
        assert found == samples.approval(number, state=state, decisions=(samples.decision(),))


async def decides_once(opened: Opened) -> None:
    """Whatever the second one says."""
    await _pending(opened)
    await _decide(opened, ApprovalState.REJECTED)
    for state in (ApprovalState.APPROVED, ApprovalState.REJECTED):
        async with refused("approval.not_pending"):
            await _decide(opened, state, who="late")
    async with refused("approval.not_pending"), opened.unit() as unit:
        unit.expire_approval(_APPROVAL)
    found = await opened.storage.approval("default", _APPROVAL)
    assert found == samples.approval(state=ApprovalState.REJECTED, decisions=(samples.decision(),))


async def lets_one_of_many_deciders_win(opened: Opened) -> None:
    """Twenty at the same time, from two sides."""
    await _pending(opened)
    async with opened.again() as other:
        both = (opened, replace(opened, storage=other))
        outcomes = await asyncio.gather(
            *(_decide(both[number % 2], who=str(number)) for number in range(20)), return_exceptions=True
        )
    codes = Counter(outcome.code if isinstance(outcome, Conflict) else outcome for outcome in outcomes)
    assert codes == {None: 1, "approval.not_pending": 19}
    found = await opened.storage.approval("default", _APPROVAL)
    assert found is not None
    assert [said.who_name for said in found.decisions] == [str(outcomes.index(None))]


async def takes_no_decision_after_the_expiry(opened: Opened) -> None:
    """By the store's clock; an expiry that is no time is past."""
    await _pending(opened)
    opened.clock.advance(100 * 366 * 24 * 3600)
    async with refused("approval.expired"):
        await _decide(opened)
    async with opened.unit() as unit:
        unit.expire_approval(_APPROVAL)
    found = await opened.storage.approval("default", _APPROVAL)
    assert found == samples.approval(state=ApprovalState.EXPIRED)
    async with opened.unit() as unit:
        unit.add_approval(samples.approval(2, expires_at="never"))
    async with refused("approval.expired"), opened.unit() as unit:
        unit.decide_approval(identifier("appr", 2), samples.decision(), ApprovalState.APPROVED)


async def consumes_only_what_was_approved(opened: Opened) -> None:
    """Not a pending one, not another plan, and not twice."""
    await _pending(opened)
    async with refused("approval.not_pending"), opened.unit() as unit:
        unit.consume_approval(_APPROVAL, samples.HASH)
    await _decide(opened)
    async with refused("approval.hash_mismatch"), opened.unit() as unit:
        unit.consume_approval(_APPROVAL, samples.HASH.replace("0", "1"))
    async with opened.unit() as unit:
        unit.consume_approval(_APPROVAL, samples.HASH)
    async with refused("approval.not_pending"), opened.unit() as unit:
        unit.consume_approval(_APPROVAL, samples.HASH)
    found = await opened.storage.approval("default", _APPROVAL)
    assert found == samples.approval(state=ApprovalState.CONSUMED, decisions=(samples.decision(),))


async def consumes_and_starts_in_one_step(opened: Opened) -> None:
    """Twenty that would start it: one does, and no other has moved anything."""
    async with opened.unit() as unit:
        unit.add_execution(samples.execution())
        unit.add_approval(samples.approval())
        unit.move_execution(samples.move("pending", "awaiting_approval"))
    await _decide(opened)

    async def start(worker: int) -> None:
        async with opened.unit() as unit:
            unit.move_execution(samples.move("awaiting_approval", "running"), f"worker-{worker}")
            unit.consume_approval(_APPROVAL, samples.HASH)

    outcomes = await asyncio.gather(*(start(worker) for worker in range(20)), return_exceptions=True)
    assert outcomes.count(None) == 1
    execution = await opened.storage.execution("default", identifier("exec", 1))
    assert execution is not None
    assert execution.owner == f"worker-{outcomes.index(None)}"
    assert len(await opened.storage.moves("default", identifier("exec", 1))) == 2


async def says_when_there_is_no_such_approval(opened: Opened) -> None:
    """For every change of one."""
    async with refused("approval.not_found"):
        await _decide(opened)
    async with refused("approval.not_found"), opened.unit() as unit:
        unit.consume_approval(_APPROVAL, samples.HASH)
    async with refused("approval.not_found"), opened.unit() as unit:
        unit.expire_approval(_APPROVAL)


async def lists_approvals_newest_first(opened: Opened) -> None:
    """All, or those in one state."""
    for number in range(1, 26):
        async with opened.unit() as unit:
            unit.add_approval(samples.approval(number))
    await _decide(opened)
    listed = await opened.storage.approvals("default")
    assert [one.approval_id for one in listed] == [identifier("appr", number) for number in range(25, 0, -1)]
    assert len(await opened.storage.approvals("default", limit=2)) == 2
    (approved,) = await opened.storage.approvals("default", state=ApprovalState.APPROVED)
    assert approved.decisions == (samples.decision(),)
    pending = await opened.storage.approvals("default", state=ApprovalState.PENDING, limit=3)
    assert [one.approval_id for one in pending] == [identifier("appr", number) for number in (25, 24, 23)]


PROMISES: tuple[Promise, ...] = (
    keeps_an_approval_as_it_was_asked,
    records_a_decision_and_who_made_it,
    decides_once,
    lets_one_of_many_deciders_win,
    takes_no_decision_after_the_expiry,
    consumes_only_what_was_approved,
    consumes_and_starts_in_one_step,
    says_when_there_is_no_such_approval,
    lists_approvals_newest_first,
)
