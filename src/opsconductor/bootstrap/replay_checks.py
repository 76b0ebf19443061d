"""What a record says of plan, approval and execution, worked out again from the steps and results it holds."""

from collections.abc import Iterator

from opsconductor.adapters.json_codec import dump
from opsconductor.domain.approvals import Approval
from opsconductor.domain.decision import confidence_level
from opsconductor.domain.execution import Execution, ExecutionResultV1, ExecutionStatus
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanV1, hashed_step, plan_content
from opsconductor.domain.replay import ReplayDifference
from opsconductor.domain.risk import assess
from opsconductor.domain.selection import SelectionV1
from opsconductor.domain.turn import TurnRecord
from opsconductor.ports.canonical import digest
from opsconductor.stages.e_execute.approvals.envelopes import hash_of
from opsconductor.stages.e_execute.result_aggregator import aggregate

PHASE = "p07_execute_tools"
ENDED_EARLY = (ExecutionStatus.AWAITING_APPROVAL, ExecutionStatus.CANCELLED)
"""What people said, not what the results say."""

Checked = tuple[str, object, object]
"""What is checked, as told, as derived."""


def tool_differences(record: TurnRecord) -> tuple[ReplayDifference, ...]:
    """Where decision, selection, plan, approval and execution of the record contradict themselves or each other."""
    found = ((what, dump(told), dump(derived)) for what, told, derived in _checked(record))
    return tuple(
        ReplayDifference(phase=PHASE, what=what, told=told, derived=derived)
        for what, told, derived in found
        if told != derived
    )


def _checked(record: TurnRecord) -> Iterator[Checked]:
    reply = record.reply
    if reply.decision is not None:
        sure = confidence_level(reply.decision.overall_confidence)
        yield "decision.confidence_level", reply.decision.confidence_level, sure
    if reply.plan is not None:
        yield from _plan(reply.plan)
        if reply.selection is not None and reply.selection.ready:
            yield "selection.tools", _selected(reply.selection), _planned(reply.plan)
        if reply.approval is not None:
            yield from _approval(reply.approval, reply.plan)
        if reply.execution is not None:
            yield from _execution(record, reply.plan, reply.execution)
    if record.verdict is not None and reply.plan is not None and record.verdict.outcome == "run":
        needed = max(record.verdict.level, reply.plan.approval_level)
        yield "verdict.level", record.verdict.level, needed


def _plan(plan: PlanV1) -> Iterator[Checked]:
    found = digest(plan_content(plan.steps))
    yield "plan.plan_digest", plan.plan_digest, found
    yield "plan.plan_id", plan.plan_id, "plan_" + found.removeprefix("sha256:")[:32]
    yield "plan.risk", plan.risk, assess(plan.steps).risk.value
    changes = [
        f"{step.tool} on {target.name}" for step in plan.steps if step.effect != "read" for target in step.targets
    ]
    yield "plan.predicted_changes", list(plan.predicted_changes), changes


def _selected(selection: SelectionV1) -> Json:
    return sorted([tool.name, *sorted(tool.targets)] for tool in selection.tools)


def _planned(plan: PlanV1) -> Json:
    return sorted([step.tool, *sorted(target.asset_id for target in step.targets)] for step in plan.steps)


def _approval(approval: Approval, plan: PlanV1) -> Iterator[Checked]:
    envelope = approval.envelope
    yield "approval.plan_hash", approval.plan_hash, hash_of(envelope)
    yield "approval.envelope.plan_digest", envelope.plan_digest, digest(plan_content(plan.steps))
    yield "approval.envelope.steps", [*envelope.steps], [hashed_step(step) for step in plan.steps]
    yield "approval.level", [approval.level, approval.needed], [envelope.approval_level, envelope.needed]


def _execution(record: TurnRecord, plan: PlanV1, told: ExecutionResultV1) -> Iterator[Checked]:
    derived = _aggregated(record, plan, told)
    yield "execution.plan_id", told.plan_id, plan.plan_id
    for name in ("success_count", "failure_count", "unknown_count", "summary", "output", "plan_against_actual"):
        yield f"execution.{name}", getattr(told, name), getattr(derived, name)
    if told.status not in ENDED_EARLY:
        yield "execution.status", told.status.value, _settled(told.status, derived.status).value


def _aggregated(record: TurnRecord, plan: PlanV1, told: ExecutionResultV1) -> ExecutionResultV1:
    execution = Execution(
        execution_id=told.execution_id,
        tenant=record.tenant,
        session_id=record.session_id,
        turn_id=record.turn_id,
        turn_group=record.turn_group,
        requester=record.requester,
        plan=plan,
        plan_hash=told.plan_hash,
        status=told.status,
        mode=told.mode,
        request=record.message,
        created_at=record.started_at,
    )
    ended = told.completed_at or record.completed_at
    return aggregate(execution, told.step_results, told.approvals, told.started_at or ended, ended, told.duration_s)


def _settled(told: ExecutionStatus, derived: ExecutionStatus) -> ExecutionStatus:
    """An outcome that was unknown once and is settled has failed at worst, however little of it was begun."""
    worst = (ExecutionStatus.CANCELLED, ExecutionStatus.TIMED_OUT)
    return told if told is ExecutionStatus.FAILED and derived in worst else derived
