"""A frozen plan that waits for its approval, as the record holds it: put there without understanding any words."""

from dataclasses import replace
from datetime import timedelta

from opsconductor.bootstrap import Engine
from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.execution import Execution, ExecutionStatus
from opsconductor.domain.identity import Identity
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.turn import ApprovalAnswer, Trigger, TurnInput
from opsconductor.ports.clock import timestamp
from opsconductor.stages.e_execute.approval_manager import NEEDED
from opsconductor.stages.e_execute.approvals.envelopes import envelope_of, hash_of

TENANT = "default"


async def freeze(engine: Engine, plan: PlanV1) -> Approval:
    """Store an execution of `plan`, ordered by the home's requester, and the question about it. Raises `store.*`."""
    requester = await person(engine, "requester")
    now = engine.clock.now()
    execution = Execution(
        execution_id=engine.ids.new("exec"),
        tenant=TENANT,
        session_id="sess_requester",
        turn_id=engine.ids.new("turn"),
        turn_group=engine.ids.new("turn"),
        requester=requester.identity_id,
        plan=plan,
        plan_hash="",
        status=ExecutionStatus.AWAITING_APPROVAL,
        mode="immediate",
        request="change the World",
        created_at=timestamp(now),
    )
    approval = _question(engine, execution, timestamp(now + timedelta(minutes=30)))
    unit = engine.storage.begin()
    unit.add_execution(replace(execution, plan_hash=approval.plan_hash))
    unit.add_approval(approval)
    await unit.commit()
    return approval


def _question(engine: Engine, execution: Execution, expires_at: str) -> Approval:
    level = execution.plan.approval_level
    envelope = envelope_of(
        execution,
        level=level,
        needed=NEEDED[level],
        policy_digest=engine.authorizer.policy_digest,
        catalogue_digest=engine.catalogues.current().digest,
        expires_at=expires_at,
        nonce=engine.ids.new("nonce"),
    )
    return Approval(
        approval_id=engine.ids.new("appr"),
        tenant=TENANT,
        execution_id=execution.execution_id,
        plan_hash=hash_of(envelope),
        envelope=envelope,
        level=level,
        state=ApprovalState.PENDING,
        requester=execution.requester,
        turn_id=execution.turn_id,
        created_at=execution.created_at,
        expires_at=expires_at,
        needed=envelope.needed,
    )


async def approval_turn(engine: Engine, approval: Approval) -> TurnInput:
    """The turn in which somebody who may says yes: the requester at level 1, the second person above."""
    who = await person(engine, "requester" if approval.level < 2 else "approver")
    return TurnInput(
        turn_id=engine.ids.new("turn"),
        identity=who,
        trigger=Trigger.APPROVAL,
        approval=ApprovalAnswer(
            approval_id=approval.approval_id, plan_hash=approval.plan_hash, decision="approve", reason="to be tried"
        ),
        session_id=f"sess_{who.name}",
    )


async def person(engine: Engine, name: str) -> Identity:
    """One of the two people of a new home."""
    found = await engine.storage.identity(TENANT, name)
    if found is None:
        raise LookupError(f"The home has no {name}.")
    return found
