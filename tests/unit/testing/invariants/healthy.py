"""Evidence in which everything is well: two effects asked, done, recorded and told. Tests plant one violation each."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.audit import AuditEntry, ChainedAudit
from opsconductor.domain.execution import Attempt, Execution, ExecutionResultV1, ExecutionStatus, StepResult, StepStatus
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import TurnReply
from opsconductor.ports.storage import StepJournal
from opsconductor.testing.client_log import APPROVAL, REQUEST, Acknowledged, Shown
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.samples import LATER
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.invariants.evidence import Evidence, StoreAfter, StoredExecution, StoredTurn
from opsconductor.testing.world.log import ASKED, DONE, WorldEntry

EXECUTION = samples.identifier("exec", 1)
TURN = samples.identifier("turn", 1)
SENT_AT = datetime.fromisoformat(LATER).timestamp() + 1
STEPS = ("step_1", "step_2")


def evidence(effect: str = "compensatable", *, status: StepStatus = StepStatus.SUCCEEDED, **changes: Any) -> Evidence:
    """Two steps on two hosts, each done once; `status` is what the store says of the first."""
    steps = [
        replace(a_step(a_change(), host, step_id=step), inputs={"mark": step}, effect=effect)
        for step, host in zip(STEPS, HOSTS, strict=False)
    ]
    results = (_result("step_1", HOSTS[0].name, status), _result("step_2", HOSTS[1].name, StepStatus.SUCCEEDED))
    overall = ExecutionStatus.SUCCEEDED if status is StepStatus.SUCCEEDED else ExecutionStatus.PARTIAL
    execution = samples.execution(plan=a_plan(*steps), status=overall, result=_told(results, overall))
    stored = StoredExecution(
        execution=execution,
        journal=tuple(_journalled(result) for result in results),
        approvals=(samples.approval(state=ApprovalState.CONSUMED, decisions=(samples.decision(),)),),
    )
    whole = Evidence(
        acknowledged=(
            Acknowledged(kind=REQUEST, subject=TURN),
            Acknowledged(kind=APPROVAL, subject=samples.identifier("appr", 1)),
        ),
        world=tuple(entry for number, step in enumerate(steps) for entry in _done(number, step.step_id)),
        store=StoreAfter(
            turns=(StoredTurn(accepted=samples.accepted(), record=_record(execution)),),
            executions=(stored,),
            identities=(samples.identity(1), samples.identity(2)),
            audit=tuple(_intended(number, step) for number, step in enumerate(STEPS, 1)),
        ),
        shown=(Shown(turn_id=TURN, kind="answer", message="Done.", execution_id=EXECUTION, status=overall.value),),
        healthy_s=30.0,
    )
    return replace(whole, **changes)


def changed_execution(whole: Evidence, **changes: Any) -> Evidence:
    """The same with other fields of the stored execution; `journal`, `approvals` and `moves` beside it."""
    stored = whole.store.executions[0]
    beside = {name: changes.pop(name) for name in ("journal", "approvals", "moves") if name in changes}
    other = replace(stored, execution=replace(stored.execution, **changes), **beside)
    return changed_store(whole, executions=(other,))


def changed_store(whole: Evidence, **changes: Any) -> Evidence:
    """The same with other parts of the store."""
    return replace(whole, store=replace(whole.store, **changes))


def undone(whole: Evidence, mark: str = "step_1") -> Evidence:
    """The same, and the World took the step back."""
    back = WorldEntry(number=9, at=SENT_AT, what=DONE, verb="undo", mark=mark, target=HOSTS[0].name)
    return replace(whole, world=(*whole.world, back))


def without(whole: Evidence, mark: str, *what: str) -> Evidence:
    """The same, but the World knows nothing of that of the step."""
    return replace(whole, world=tuple(one for one in whole.world if one.mark != mark or one.what not in what))


def again(whole: Evidence, mark: str) -> Evidence:
    """The same, and the World did the step once more."""
    twice = next(one for one in whole.world if one.mark == mark and one.what == DONE)
    return replace(whole, world=(*whole.world, twice))


def _done(number: int, mark: str) -> tuple[WorldEntry, WorldEntry]:
    first, target = 2 * number + 1, HOSTS[number].name
    return (
        WorldEntry(number=first, at=SENT_AT, what=ASKED, verb="act", mark=mark, target=target, due=SENT_AT),
        WorldEntry(number=first + 1, at=SENT_AT, what=DONE, verb="act", mark=mark, target=target, ask=first),
    )


def _result(step_id: str, target: str, status: StepStatus) -> StepResult:
    return samples.step_result(status, step_id=step_id, target=target, attempts=(Attempt(number=1, started_at=LATER),))


def _journalled(result: StepResult) -> StepJournal:
    return StepJournal(intent=samples.intent(step_id=result.step_id, target=result.target), result=result)


def _told(results: tuple[StepResult, ...], status: ExecutionStatus) -> ExecutionResultV1:
    return replace(samples.result(EXECUTION), step_results=results, status=status)


def _record(execution: Execution) -> Any:
    reply = TurnReply(turn_id=TURN, session_id="s", kind=ReplyKind.ANSWER, message="Done.", execution=execution.result)
    return samples.record(reply=reply)


def _intended(number: int, step: str) -> ChainedAudit:
    entry = AuditEntry(
        tenant="default", at=LATER, actor="a", action="step.intent", subject=EXECUTION, detail={"step": step}
    )
    return ChainedAudit(seq=number, entry=entry, hash="00")
