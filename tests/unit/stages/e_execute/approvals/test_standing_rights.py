"""Before each changing step: the approvals stand on exactly these bytes, by people who still may."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.execution import StepError
from opsconductor.domain.identity import Role
from opsconductor.domain.plan import PlanStep
from opsconductor.stages.e_execute.approval_manager import Decided
from opsconductor.stages.e_execute.approvals.standing_rights import StandingRights
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.testing.executions import HOSTS, a_plan, a_step
from tests.unit.waiting import ADMIN, APPROVER, CHANGE, PLAN, REQUESTER, SECOND, Asked, asked

STEP = PLAN.steps[0]
TWO = a_plan(a_step(CHANGE, HOSTS[0]), a_step(CHANGE, HOSTS[1], step_id="step_2"))


async def refusal(ask: Asked, decided: Decided, step: PlanStep = STEP, **run: Any) -> str:
    """ "" while the step may begin, else the code."""
    told = await words(ask, decided, step, **run)
    return told.code if told is not None else ""


async def words(ask: Asked, decided: Decided, step: PlanStep = STEP, **run: Any) -> StepError | None:
    context = RunContext(execution=decided.execution, catalogue=ask.stage.catalogue, started=True)
    return await StandingRights(ask.stage.stored, CedarAuthorizer())(replace(context, **run), step)


async def test_what_was_approved_may_begin_and_be_taken_back(home: Path) -> None:
    plan = a_plan(replace(STEP, undo="service-restore"))
    async with asked(home, plan, level=2) as ask:
        decided = await ask.decide(identity=APPROVER)
        (step,) = plan.steps
        assert await refusal(ask, decided, step) == ""
        undo = replace(step, step_id="step_1.undo", tool="service-restore")
        assert await refusal(ask, decided, undo) == ""
        await ask.change(replace(APPROVER, disabled=True))
        assert await refusal(ask, decided, step) == "rights.denied"
        assert await refusal(ask, decided, undo) == ""


@pytest.mark.parametrize(
    "step",
    [
        replace(STEP, step_id="step_9"),
        replace(STEP, tool="rm-rf"),
        replace(STEP, step_id="step_1.undo", tool="rm-rf"),
    ],
)
async def test_a_step_that_is_in_no_approved_plan_is_refused(home: Path, step: PlanStep) -> None:
    async with asked(home) as ask:
        assert await refusal(ask, await ask.decide(), step) == "approval.hash_mismatch"


async def test_a_plan_that_is_not_the_one_that_was_approved_is_refused(home: Path) -> None:
    async with asked(home) as ask:
        decided = await ask.decide()
        other = replace(decided.execution, plan=a_plan(replace(STEP, inputs={"service": "ledger"})))
        assert await refusal(ask, decided, execution=other) == "approval.hash_mismatch"
        gone = replace(decided.execution, execution_id="exec_none")
        assert await refusal(ask, decided, execution=gone) == "approval.hash_mismatch"


async def test_without_a_consumed_approval_nothing_begins(home: Path) -> None:
    async with asked(home) as ask:
        unapproved = Decided(approval=ask.approval, execution=ask.execution)
        assert await refusal(ask, unapproved) == "approval.hash_mismatch"


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (replace(REQUESTER, disabled=True), "ordered"),
        (replace(REQUESTER, roles=frozenset({Role.VIEWER})), "ordered"),
        (replace(APPROVER, disabled=True), "approver may no longer approve"),
        (replace(APPROVER, roles=frozenset({Role.ADMIN})), "approver may no longer approve"),
        (replace(SECOND, roles=frozenset()), "second may no longer approve"),
    ],
)
async def test_a_right_that_is_withdrawn_stops_the_next_step(home: Path, who: Any, said: str) -> None:
    async with asked(home, level=3) as ask:
        await ask.decide(identity=APPROVER)
        running = (await ask.decide(identity=SECOND)).execution
        await ask.paused(running, "step_1")
        decided = await ask.decide()
        assert await refusal(ask, decided) == ""
        await ask.change(who)
        told = await words(ask, decided)
        assert told is not None
        assert (told.code, said in told.message) == ("rights.denied", True)


async def test_settings_and_policies_that_changed_stop_the_next_step(home: Path) -> None:
    async with asked(home, level=2) as ask:
        decided = await ask.decide(identity=APPROVER)
        await ask.settings(approval_rights=[{"roles": ["approver"], "risks": ["low"]}])
        assert await refusal(ask, decided) == "rights.denied"
        await ask.settings()
        assert await refusal(ask, decided) == ""
        context = RunContext(execution=decided.execution, catalogue=ask.stage.catalogue, started=True)
        changed = CedarAuthorizer("permit (principal, action, resource);")
        told = await StandingRights(ask.stage.stored, changed)(context, STEP)
        assert told is not None
        assert "policy has changed" in told.message


async def test_the_glass_holds_while_it_may_be_broken(home: Path) -> None:
    async with asked(home, level=2) as ask:
        decided = await ask.decide(identity=ADMIN, break_glass=True, reason="it burns")
        assert await refusal(ask, decided) == ""
        await ask.change(replace(ADMIN, roles=frozenset({Role.APPROVER})))
        assert await refusal(ask, decided) == "rights.denied"


async def test_at_level_3_each_step_has_its_own_confirmation(home: Path) -> None:
    async with asked(home, TWO, level=3) as ask:
        await ask.decide(identity=APPROVER)
        decided = await ask.decide(identity=SECOND)
        first, second = TWO.steps
        assert await refusal(ask, decided, first) == "approval.hash_mismatch"
        await ask.paused(decided.execution, "step_1")
        going = await ask.decide()
        assert await refusal(ask, going, first) == ""
        assert await refusal(ask, going, second) == "approval.hash_mismatch"


async def test_what_cannot_be_looked_up_is_a_no(home: Path) -> None:
    class Away:
        async def execution(self, *_: object) -> None:
            raise Unavailable("store.unavailable", "Away.")

    async with asked(home) as ask:
        decided = await ask.decide()
        context = RunContext(execution=decided.execution, catalogue=ask.stage.catalogue, started=True)
        away: Any = Away()
        told = await StandingRights(away, CedarAuthorizer())(context, STEP)
        assert told is not None
        assert told.code == "store.unavailable"
