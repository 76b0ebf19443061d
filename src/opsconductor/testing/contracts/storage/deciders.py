"""Several people decide, each once; what was asked can be taken back; what one decided alone is reviewed."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.errors import Conflict
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused
from opsconductor.testing.contracts.storage.samples import identifier

_APPROVAL = identifier("appr", 1)


async def _ask(opened: Opened, number: int = 1, **fields: Any) -> None:
    async with opened.unit() as unit:
        unit.add_approval(samples.approval(number, **fields))


async def _decide(opened: Opened, who: str, state: ApprovalState, expected: int | None = None) -> None:
    async with opened.unit() as unit:
        unit.decide_approval(_APPROVAL, samples.decision(who=who), state, expected)


async def _stored(opened: Opened) -> Approval:
    found = await opened.storage.approval("default", _APPROVAL)
    assert found is not None
    return found


async def stays_pending_until_enough_have_decided(opened: Opened) -> None:
    """It is decided, and can be consumed, only by the last of them."""
    await _ask(opened, needed=2)
    await _decide(opened, "one", ApprovalState.PENDING, 0)
    assert (await _stored(opened)).state is ApprovalState.PENDING
    async with refused("approval.not_pending"), opened.unit() as unit:
        unit.consume_approval(_APPROVAL, samples.HASH)
    await _decide(opened, "two", ApprovalState.APPROVED, 1)
    found = await _stored(opened)
    assert found.state is ApprovalState.APPROVED
    assert [said.who for said in found.decisions] == ["one", "two"]


async def takes_one_decision_of_each_person(opened: Opened) -> None:
    """Whatever they say the second time, and nothing of that unit is kept."""
    await _ask(opened, needed=2)
    await _decide(opened, "one", ApprovalState.PENDING)
    for state in (ApprovalState.PENDING, ApprovalState.APPROVED, ApprovalState.REJECTED):
        async with refused("approval.already_decided"):
            await _decide(opened, "one", state)
    found = await _stored(opened)
    assert (found.state, len(found.decisions)) == (ApprovalState.PENDING, 1)


async def refuses_a_decision_that_counted_wrong(opened: Opened) -> None:
    """Two who both think they are the last: one has to look again."""
    await _ask(opened, needed=2)
    await _decide(opened, "one", ApprovalState.PENDING, 0)
    for expected in (0, 2):
        async with refused("store.conflict"):
            await _decide(opened, "two", ApprovalState.APPROVED, expected)
    found = await _stored(opened)
    assert (found.state, len(found.decisions)) == (ApprovalState.PENDING, 1)


async def counts_right_when_many_decide_at_once(opened: Opened) -> None:
    """Twenty at the same time, from two sides, each as the first: one is."""
    await _ask(opened, needed=2)
    async with opened.again() as other:
        sides = (opened, replace(opened, storage=other))
        outcomes = await asyncio.gather(
            *(_decide(sides[number % 2], str(number), ApprovalState.PENDING, 0) for number in range(20)),
            return_exceptions=True,
        )
    codes = Counter(outcome.code if isinstance(outcome, Conflict) else outcome for outcome in outcomes)
    assert codes == {None: 1, "store.conflict": 19}
    assert len((await _stored(opened)).decisions) == 1


async def takes_a_question_back(opened: Opened) -> None:
    """While it is pending, or a person has asked for another plan; not twice and not once it is decided."""
    await _ask(opened)
    async with opened.unit() as unit:
        unit.withdraw_approval(_APPROVAL)
    assert (await _stored(opened)).state is ApprovalState.WITHDRAWN
    async with refused("approval.not_pending"):
        await _decide(opened, "one", ApprovalState.APPROVED)
    for number, state in (
        (2, ApprovalState.CHANGES_REQUESTED),
        (3, ApprovalState.APPROVED),
        (4, ApprovalState.REJECTED),
    ):
        await _ask(opened, number)
        async with opened.unit() as unit:
            unit.decide_approval(identifier("appr", number), samples.decision(), state)
    async with opened.unit() as unit:
        unit.withdraw_approval(identifier("appr", 2))
    for number in (1, 2, 3, 4):
        async with refused("approval.not_pending"), opened.unit() as unit:
            unit.withdraw_approval(identifier("appr", number))
    async with refused("approval.not_found"), opened.unit() as unit:
        unit.withdraw_approval("other")


async def is_owed_a_review_after_breaking_the_glass(opened: Opened) -> None:
    """Once; an approval that nobody gave alone is not reviewed."""
    for number in (1, 2, 3):
        await _ask(opened, number)
    for number, alone in ((1, True), (2, False), (3, True)):
        async with opened.unit() as unit:
            decision = samples.decision(break_glass=alone)
            unit.decide_approval(identifier("appr", number), decision, ApprovalState.APPROVED)
    due = await opened.storage.reviews_due("default")
    assert [one.approval_id for one in due] == [_APPROVAL, identifier("appr", 3)]
    assert await opened.storage.reviews_due("other") == ()
    review = samples.decision(who="two", reason="right so", decision="approve")
    async with opened.unit() as unit:
        unit.review_approval(_APPROVAL, review)
    for approval_id in (_APPROVAL, identifier("appr", 2)):
        async with refused("approval.not_reviewable"), opened.unit() as unit:
            unit.review_approval(approval_id, replace(review, who="three"))
    async with refused("approval.not_found"), opened.unit() as unit:
        unit.review_approval("other", review)
    assert (await _stored(opened)).review == review
    assert [one.approval_id for one in await opened.storage.reviews_due("default")] == [identifier("appr", 3)]


async def lists_all_approvals_of_an_execution(opened: Opened) -> None:
    """Oldest first, those that were replaced included."""
    for number in (1, 2, 3):
        await _ask(opened, number, execution_id=identifier("exec", 2 if number == 2 else 1))
    await _decide(opened, "one", ApprovalState.REJECTED)
    found = await opened.storage.approvals_of("default", identifier("exec", 1))
    assert [one.approval_id for one in found] == [_APPROVAL, identifier("appr", 3)]
    assert [said.who for said in found[0].decisions] == ["one"]
    assert await opened.storage.approvals_of("other", identifier("exec", 1)) == ()


PROMISES: tuple[Promise, ...] = (
    stays_pending_until_enough_have_decided,
    takes_one_decision_of_each_person,
    refuses_a_decision_that_counted_wrong,
    counts_right_when_many_decide_at_once,
    takes_a_question_back,
    is_owed_a_review_after_breaking_the_glass,
    lists_all_approvals_of_an_execution,
)
