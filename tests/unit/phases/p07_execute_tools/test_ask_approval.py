"""A plan is asked for once, of people who can be found; a step of it as it comes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.decision import DecisionV1, IntentGuess
from opsconductor.domain.execution import ExecutionMove, ExecutionStatus, Paused
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.turn import GateVerdict, ToolPhaseResult
from opsconductor.phases.p07_execute_tools.ask_approval import AskApproval
from opsconductor.stages.e_execute.approval_manager import VALID_FOR
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.testing.executions import HOSTS, a_plan, a_step
from opsconductor.testing.turns import MOMENT
from tests.unit.stage_e import StageE, open_stage_e
from tests.unit.waiting import ADMIN, APPROVER, CHANGE, PLAN, REQUESTER, SECOND, asked

DECISION = DecisionV1(
    decision_id="dec_1",
    mode=Mode.ACT,
    intent=IntentGuess(category="automation", action="restart", confidence=0.9),
    entities=(),
    overall_confidence=0.9,
    confidence_level="high",
    request="restart billing",
)
PLANNED = ToolPhaseResult(decision=DECISION, plan=PLAN)


@asynccontextmanager
async def people(home: Path, *identities: Any) -> AsyncIterator[StageE]:
    async with open_stage_e(home, CHANGE) as stage:
        unit = stage.stored.begin()
        for identity in identities:
            unit.add_identity(identity)
        await unit.commit()
        yield stage


def asking(stage: StageE) -> AskApproval:
    return AskApproval(stage.stored, CedarAuthorizer(), stage.approvals, stage.clock)


def at_level(level: int) -> GateVerdict:
    return GateVerdict(outcome="approve", level=level, risk="medium", reasons=("because",))


async def ask(stage: StageE, level: int = 1, plan: Any = PLAN, **turn: Any) -> ToolPhaseResult:
    return await asking(stage).run(stage.context(**turn), replace(PLANNED, plan=plan), plan, at_level(level))


async def store(stage: StageE, made: ToolPhaseResult) -> None:
    assert made.proposed is not None
    assert made.approval is not None
    unit = stage.stored.begin()
    unit.add_execution(made.proposed)
    unit.add_approval(made.approval)
    await unit.commit()


async def test_who_asked_simply_confirms_level_1(home: Path) -> None:
    async with people(home, REQUESTER) as stage:
        made = await ask(stage)
    assert made.proposed is not None
    assert made.proposed.tool_key.startswith("sha256:")
    assert (made.told, made.refusal_code) == ("", "")


@pytest.mark.parametrize(
    ("level", "others", "told"),
    [
        (2, (APPROVER, SECOND), "1 person has to approve it, of: approver, second."),
        (3, (APPROVER, SECOND), "2 different people have to approve it, of: approver, second."),
        (3, (APPROVER, ADMIN), "2 different people have to approve it, and here only approver may."),
    ],
)
async def test_who_is_needed_is_told(home: Path, level: int, others: Any, told: str) -> None:
    async with people(home, REQUESTER, *others) as stage:
        made = await ask(stage, level)
    assert made.approval is not None
    assert made.approval.needed == (2 if level == 3 else 1)
    assert made.told.startswith(told)


@pytest.mark.parametrize(("level", "others"), [(2, ()), (3, (APPROVER,)), (2, (replace(APPROVER, disabled=True),))])
async def test_what_nobody_here_could_ever_approve_is_refused(home: Path, level: int, others: Any) -> None:
    async with people(home, REQUESTER, *others) as stage:
        made = await ask(stage, level)
    assert (made.refusal_code, made.proposed, made.approval) == ("gate.second_person", None, None)
    assert made.verdict is not None
    assert (made.verdict.outcome, made.verdict.code) == ("refuse", "gate.second_person")
    assert "opsconductor identities create NAME --role approver" in made.refusal


async def test_the_same_order_is_named_and_not_asked_for_again(home: Path) -> None:
    async with people(home, REQUESTER) as stage:
        first = await ask(stage)
        await store(stage, first)
        again = await ask(stage, turn_id="turn_2")
        assert (again.proposed, again.approval) == (None, first.approval)
        assert first.proposed is not None
        assert first.proposed.execution_id in again.told
        other = await ask(stage, plan=a_plan(a_step(CHANGE, HOSTS[1])))
        assert other.proposed is not None


async def test_an_order_whose_time_to_be_approved_is_over_gives_way(home: Path) -> None:
    async with people(home, REQUESTER) as stage:
        first = await ask(stage)
        await store(stage, first)
        stage.clock.advance(VALID_FOR.total_seconds())
        again = await ask(stage, turn_id="turn_2")
        assert again.proposed is not None
        await store(stage, again)
        assert first.approval is not None
        ended = await stage.stored.approval("default", first.approval.approval_id)
        assert ended is not None
        assert ended.state is ApprovalState.EXPIRED


async def test_an_order_that_runs_is_not_begun_again(home: Path) -> None:
    async with people(home, REQUESTER) as stage:
        first = await ask(stage)
        await store(stage, first)
        assert first.proposed is not None
        assert first.approval is not None
        unit = stage.stored.begin()
        unit.expire_approval(first.approval.approval_id)
        unit.move_execution(a_move(first.proposed.execution_id, ExecutionStatus.RUNNING))
        await unit.commit()
        again = await ask(stage, turn_id="turn_2")
        assert (again.refusal_code, again.approval, again.proposed) == ("execution.duplicate", None, None)
        assert first.proposed.execution_id in again.refusal


def a_move(execution_id: str, target: ExecutionStatus) -> ExecutionMove:
    return ExecutionMove(
        execution_id=execution_id,
        source=ExecutionStatus.AWAITING_APPROVAL,
        target=target,
        actor="id_1",
        at=MOMENT,
        reason="x",
    )


async def test_a_run_that_pauses_tells_what_it_did_and_asks_about_the_next_step(home: Path) -> None:
    plan = a_plan(a_step(CHANGE, HOSTS[0]), a_step(CHANGE, HOSTS[1], step_id="step_2"))
    async with asked(home, plan, level=3) as waits:
        await waits.decide(identity=APPROVER)
        decided = await waits.decide(identity=SECOND)
        await waits.did(decided.execution, "step_1")
        rows = await waits.stage.stored.journal("default", decided.execution.execution_id)
        done = tuple(row.result for row in rows if row.result is not None)
        at = Paused(
            execution_id=decided.execution.execution_id,
            step_id="step_2",
            results=(),
            done=done,
            move=replace(
                a_move(decided.execution.execution_id, ExecutionStatus.AWAITING_APPROVAL),
                source=ExecutionStatus.RUNNING,
            ),
            claim=1,
        )
        run = RunContext(execution=decided.execution, catalogue=waits.stage.catalogue, approvals=decided.decisions)
        planned = ToolPhaseResult(plan=plan, approval=decided.approval)
        made = await asking(waits.stage).pause(waits.context(), planned, run, at)
    assert made.approval is not None
    assert (made.approval.step_id, made.approval.level, made.approval.needed) == ("step_2", 3, 1)
    assert made.paused is at
    assert made.execution is not None
    assert (made.execution.status, made.execution.success_count) == (ExecutionStatus.AWAITING_APPROVAL, 1)
    assert made.told.startswith("It is confirmed by")
