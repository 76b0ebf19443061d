"""What was approved without the second person is reviewed once, by somebody else, with a reason."""

from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.identity import Identity, Role
from opsconductor.stages.e_execute.approvals.reviewing import Reviewing
from tests.unit.waiting import ADMIN, APPROVER, REQUESTER, SECOND, Asked, asked


async def refused(ask: Asked, who: Identity, reason: str = "looked at it", approval_id: str = "") -> str:
    with pytest.raises(OpsConductorError) as error:
        await review(ask, who, reason, approval_id)
    return error.value.code


async def review(ask: Asked, who: Identity, reason: str = "looked at it", approval_id: str = "") -> None:
    reviewing = Reviewing(ask.stage.stored, CedarAuthorizer(), ask.stage.clock)
    await reviewing.review(who, "cli", approval_id or ask.approval.approval_id, reason, agrees=False)


async def test_a_review_is_recorded_and_ends_what_was_owed(home: Path) -> None:
    async with asked(home, level=2) as ask:
        await ask.decide(identity=ADMIN, break_glass=True, reason="it burns")
        assert await refused(ask, ADMIN) == "approval.not_yours"
        assert await refused(ask, REQUESTER) == "approval.not_yours"
        assert await refused(ask, APPROVER, reason=" ") == "approval.reason_needed"
        assert await refused(ask, APPROVER, approval_id="appr_none") == "approval.not_found"
        await review(ask, APPROVER)
        stored = await ask.stage.stored.approval("default", ask.approval.approval_id)
        assert stored is not None
        assert stored.review is not None
        assert (stored.review.who_name, stored.review.decision, stored.review.reason) == (
            "approver",
            "reject",
            "looked at it",
        )
        assert await ask.stage.stored.reviews_due("default") == ()
        assert (await ask.audited())[-1] == "approval.reviewed"
        assert await refused(ask, SECOND) == "approval.not_reviewable"


async def test_whoever_ordered_it_does_not_review_it(home: Path) -> None:
    async with asked(home, level=2) as ask:
        await ask.decide(identity=ADMIN, break_glass=True, reason="it burns")
        with pytest.raises(OpsConductorError) as caught:
            await review(ask, replace(REQUESTER, roles=frozenset(Role)))
        assert caught.value.code == "approval.not_yours"
        assert "another person than whoever ordered it or broke the glass" in caught.value.message
        assert [one.approval_id for one in await ask.stage.stored.reviews_due("default")] == [ask.approval.approval_id]


async def test_what_was_approved_by_enough_people_owes_nothing(home: Path) -> None:
    async with asked(home, level=2) as ask:
        await ask.decide(identity=APPROVER)
        assert await refused(ask, SECOND) == "approval.not_reviewable"
