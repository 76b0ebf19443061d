"""A plan that waits for people over a real stage E, and the people who decide on it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import Attempt, Execution, ExecutionMove, ExecutionStatus, StepIntent, StepStatus
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.turn import ApprovalAnswer, GateVerdict, TurnContext
from opsconductor.ports.clock import timestamp
from opsconductor.stages.e_execute.approval_manager import Decided
from opsconductor.stages.e_execute.approvals.frozen_plan import FrozenPlan
from opsconductor.stages.e_execute.steps.not_run import not_run
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.turns import a_context
from tests.unit.stage_e import StageE, open_stage_e

CHANGE = a_change()
PLAN = a_plan(a_step(CHANGE, HOSTS[0]))
APPROVER = Identity(identity_id="id_2", tenant="default", name="approver", roles=frozenset({Role.APPROVER}))
SECOND = replace(APPROVER, identity_id="id_5", name="second")
ADMIN = Identity(identity_id="id_6", tenant="default", name="admin", roles=frozenset({Role.ADMIN, Role.BREAK_GLASS}))
OTHER = Identity(identity_id="id_3", tenant="default", name="other", roles=frozenset({Role.REQUESTER}))
VIEWER = Identity(identity_id="id_4", tenant="default", name="viewer", roles=frozenset({Role.VIEWER}))
STRANGER = Identity(identity_id="id_1", tenant="elsewhere", name="requester", roles=frozenset(Role))
REQUESTER = a_context().input.identity
PEOPLE = (REQUESTER, APPROVER, SECOND, ADMIN, OTHER, VIEWER)
ALLOWED = GateVerdict(outcome="run", level=1, risk="medium", reasons=())


@dataclass
class Asked:
    """A stored plan that waits for a decision."""

    stage: StageE
    execution: Execution
    approval: Approval
    verdict: GateVerdict = ALLOWED
    judged: list[FrozenPlan] = field(default_factory=list)

    async def decide(self, decision: str = "approve", identity: Identity | None = None, **changes: Any) -> Decided:
        answer = ApprovalAnswer(
            approval_id=self.approval.approval_id, plan_hash=self.approval.plan_hash, decision=decision
        )
        context = self.context(identity)
        catalogue = changes.pop("catalogue", context.catalogue)
        context = replace(context, catalogue=catalogue)
        return await self.stage.approvals.decide(context, replace(answer, **changes), self.judge)

    def context(self, identity: Identity | None = None) -> TurnContext:
        """The turn of a decision by this person; the requester's without one."""
        context = self.stage.context()
        if identity is None:
            return context
        return replace(context, tenant=identity.tenant, input=replace(context.input, identity=identity))

    async def change(self, identity: Identity) -> None:
        """Who this is and what they may do, from here on."""
        unit = self.stage.stored.begin()
        unit.change_identity(identity)
        await unit.commit()

    async def settings(self, **settings: Any) -> None:
        """The tenant's settings, from here on; two underscores stand for a dot."""
        unit = self.stage.stored.begin()
        unit.save_tenant_settings("default", {name.replace("__", "."): value for name, value in settings.items()})
        await unit.commit()

    async def judge(self, frozen: FrozenPlan) -> GateVerdict:
        """What the gate says, as the test scripts it."""
        self.judged.append(frozen)
        return self.verdict

    async def refused(self, *arguments: Any, **changes: Any) -> OpsConductorError:
        """The error; whatever it is, no call was made and nothing runs."""
        with pytest.raises(OpsConductorError) as error:
            await self.decide(*arguments, **changes)
        assert (await self.stored()).status is not ExecutionStatus.RUNNING
        assert self.stage.connector.calls == []
        return error.value

    async def paused(self, running: Execution, step_id: str) -> Approval:
        """The question about the next step, stored as P11 stores it; the decisions are about it from here on."""
        approval = self.stage.approvals.question(running, self.stage.context(), self.approval.level, step_id)
        move = ExecutionMove(
            execution_id=running.execution_id,
            source=ExecutionStatus.RUNNING,
            target=ExecutionStatus.AWAITING_APPROVAL,
            actor="id_1",
            at=approval.created_at,
            reason="waits",
        )
        unit = self.stage.stored.begin()
        unit.move_execution(move, claim=running.claim)
        unit.add_approval(approval)
        await unit.commit()
        self.approval = approval
        return approval

    async def did(self, running: Execution, step_id: str) -> None:
        """The journal of one step that was carried out."""
        step = next(one for one in running.plan.steps if one.step_id == step_id)
        at = timestamp(self.stage.clock.now())
        intent = StepIntent(
            execution_id=running.execution_id,
            step_id=step_id,
            target_id=step.targets[0].asset_id,
            target=step.targets[0].name,
            tool=step.tool,
            attempt=1,
            at=at,
            owner=running.owner,
            claim=running.claim,
            approval_id=self.approval.approval_id,
        )
        result = replace(
            not_run(step, step.targets, StepStatus.SUCCEEDED, at, error=None)[0],
            attempts=(Attempt(number=1, started_at=at, completed_at=at),),
        )
        unit = self.stage.stored.begin()
        unit.record_intent(intent)
        unit.record_result(running.execution_id, result, 1, claim=running.claim)
        await unit.commit()

    async def audit_something(self) -> None:
        """The tenant has a chain from here on."""
        unit = self.stage.stored.begin()
        entry = AuditEntry(
            tenant="default", at=timestamp(self.stage.clock.now()), actor="id_1", action="turn.accepted", subject="x"
        )
        unit.append_audit(entry)
        await unit.commit()

    async def stored(self) -> Execution:
        return await self.stage.stored_execution(self.execution)

    async def state(self) -> ApprovalState:
        found = await self.stage.stored.approval("default", self.approval.approval_id)
        assert found is not None
        return found.state

    async def audited(self) -> list[str]:
        return [row.entry.action for row in await self.stage.stored.audit("default")]


@asynccontextmanager
async def asked(
    folder: Path,
    plan: PlanV1 = PLAN,
    level: int = 1,
    tamper: Callable[[Execution, Approval], tuple[Execution, Approval]] = lambda execution, approval: (
        execution,
        approval,
    ),
    **parts: Any,
) -> AsyncIterator[Asked]:
    async with open_stage_e(folder, CHANGE, **parts) as stage:
        execution, approval = stage.approvals.propose(stage.context(), plan, level, "immediate")
        execution, approval = tamper(execution, approval)
        unit = stage.stored.begin()
        for identity in PEOPLE:
            unit.add_identity(identity)
        unit.add_execution(execution)
        unit.add_approval(approval)
        await unit.commit()
        yield Asked(stage, execution, approval)
