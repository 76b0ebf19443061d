"""Values to store: every field filled, and ids and texts of the kinds that occur, odd ones included."""

from collections.abc import Mapping
from typing import Any

from opsconductor.domain.approvals import Approval, ApprovalDecision, ApprovalState
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.customer import RejectedValue, VariableEntry
from opsconductor.domain.decision import Clarification, DecisionV1, IntentGuess
from opsconductor.domain.entities import Entity
from opsconductor.domain.execution import (
    Attempt,
    Execution,
    ExecutionMove,
    ExecutionResultV1,
    ExecutionStatus,
    StepError,
    StepIntent,
    StepResult,
    StepStatus,
)
from opsconductor.domain.identity import Identity, Role, Token
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Memory, Mode
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.domain.plan import ApprovalEnvelope, BlastRadius, PlannedTarget, PlanStep, PlanV1
from opsconductor.domain.response import Evidence, ReplyKind
from opsconductor.domain.rules import RuleVerdict
from opsconductor.domain.scenarios import ScenarioInstance
from opsconductor.domain.turn import (
    AcceptedTurn,
    GateVerdict,
    PhasePart,
    PhaseTiming,
    Session,
    Trigger,
    TurnOutcome,
    TurnRecord,
    TurnReply,
)

AT = "2026-05-05T12:00:00.123Z"
LATER = "2026-05-05T12:00:01.456Z"
HASH = "sha256:" + "0123456789abcdef" * 4
ODD_TEXTS = (
    "",
    " ",
    "1",
    "007",
    "1.5e3",
    "NULL",
    "x\ny",
    "サーバー🚀",
    "'; DROP TABLE turns; --",
    "\u202eabc",
    "x" * 9000,
)
ODD_IDS = (
    *("plain", "turn_", "turn_00000000-0000-7000-8000-00000000000A", "TURN_00000000-0000-7000-8000-000000000001"),
    *("turn_00000000-0000-7000-8000-0000000000012", "00000000-0000-7000-8000-000000000001", HASH, "sha256:00"),
    *("é_00000000-0000-7000-8000-000000000001", "a" * 300),
)


def identifier(prefix: str, number: int) -> str:
    """An id as the product mints them."""
    return f"{prefix}_00000000-0000-7000-8000-{number:012x}"


def accepted(number: int = 1, tenant: str = "default", **fields: Any) -> AcceptedTurn:
    """A request."""
    usual: dict[str, Any] = {
        "turn_id": identifier("turn", number),
        "session_id": identifier("sess", 1),
        "turn_group": identifier("turn", number),
        "identity_id": identifier("idn", 1),
        "channel": "cli",
        "trigger": Trigger.MESSAGE,
        "message": "restart billing on app-01",
        "approval_id": "",
        "received_at": AT,
        "owner": "4711-18f0-0a1b",
    }
    return AcceptedTurn(tenant=tenant, **usual | fields)


def session(tenant: str = "default", **fields: Any) -> Session:
    """A session with everything in it."""
    usual: dict[str, Any] = {
        "session_id": identifier("sess", 1),
        "agent": "ops",
        "customer_id": identifier("idn", 1),
        "identity_id": identifier("idn", 1),
        "turn_count": 1,
        "last_intent": "automation/restart_service",
        "last_entities": (_ENTITY,),
        "last_request": "restart billing on app-01",
        "pending_question": Clarification(question="Which host?", options=("app-01", "app-02"), reason="ambiguous"),
        "pending_request": "restart billing",
        "clarify_rounds": 1,
        "scenarios": (_SCENARIO,),
        "rule_fires": {"r-1": (1, 2)},
        "updated_at": AT,
    }
    return Session(tenant=tenant, **usual | fields)


def entry(key: str, value: Json) -> VariableEntry:
    """A value of a customer."""
    return VariableEntry(key=key, value=value, source="user", confidence=0.9, updated_at=AT, history=("old", 1, None))


def plan() -> PlanV1:
    """A plan with one changing step."""
    step = PlanStep(
        step_id="step_1",
        description="Restart billing on app-01.",
        tool="service-restart",
        tool_digest=HASH,
        inputs={"service": "billing", "options": {"wait": True, "tries": [1, 2]}},
        targets=(PlannedTarget(asset_id=identifier("asset", 1), name="app-01", platform="linux"),),
        success_criteria=("after.pid != before.pid",),
        probe=True,
        estimate_ms=4000,
        timeout_ms=8000,
        effect="idempotent",
        risk="medium",
        credential_ref="lab-ssh-key",
    )
    return PlanV1(
        plan_id="plan_" + "ab" * 16,
        plan_digest=HASH,
        steps=(step,),
        estimate_s=4.0,
        timeout_s=15.5,
        risk="medium",
        risk_reasons=("it changes one target",),
        approval_level=1,
        blast_radius=BlastRadius(targets=1, criticality="medium"),
        predicted_changes=("billing on app-01 gets a new process",),
        inventory_revision=7,
    )


def step_result(status: StepStatus = StepStatus.SUCCEEDED, **fields: Any) -> StepResult:
    """What came of the step."""
    attempt = Attempt(
        number=1,
        started_at=AT,
        completed_at=LATER,
        request={"argv": ["svc", "restart", "billing"], "address": "127.0.0.1:2222"},
        response={"exit": 0, "bytes": 18},
        before={"pid": 10},
        after={"pid": 11},
    )
    usual: dict[str, Any] = {
        "step_id": "step_1",
        "tool": "service-restart",
        "target": "app-01",
        "target_id": identifier("asset", 1),
        "attempts": (attempt,),
        "started_at": AT,
        "completed_at": LATER,
        "duration_s": 1.333,
        "output": {"pid": 11, "up": True, "load": 0.25, "notes": ["ß", None]},
        "error": StepError(code="connector.failed", message="It failed.", next_step="Look."),
        "note": "the probe settled it",
    }
    return StepResult(status=status, **usual | fields)


def result(execution_id: str) -> ExecutionResultV1:
    """What an execution came to."""
    return ExecutionResultV1(
        execution_id=execution_id,
        plan_id=plan().plan_id,
        plan_hash=HASH,
        status=ExecutionStatus.SUCCEEDED,
        mode="immediate",
        started_at=AT,
        completed_at=LATER,
        duration_s=1.333,
        step_results=(step_result(),),
        success_count=1,
        failure_count=0,
        unknown_count=0,
        summary="1 of 1 step succeeded",
        output={"pid": 11},
        approvals=(decision(),),
        plan_against_actual={"estimate_s": 4.0, "actual_s": 1.333},
    )


def execution(number: int = 1, tenant: str = "default", **fields: Any) -> Execution:
    """A frozen plan, not started."""
    usual: dict[str, Any] = {
        "execution_id": identifier("exec", number),
        "session_id": identifier("sess", 1),
        "turn_id": identifier("turn", number),
        "turn_group": identifier("turn", number),
        "requester": identifier("idn", 1),
        "plan": plan(),
        "plan_hash": HASH,
        "status": ExecutionStatus.PENDING,
        "mode": "immediate",
        "request": "restart billing on app-01",
        "created_at": AT,
        "updated_at": AT,
    }
    return Execution(tenant=tenant, **usual | fields)


def move(source: str, target: str, number: int = 1) -> ExecutionMove:
    """A change of state."""
    return ExecutionMove(
        execution_id=identifier("exec", number),
        source=ExecutionStatus(source),
        target=ExecutionStatus(target),
        actor=identifier("idn", 1),
        at=LATER,
        reason=f"{target} because of the test",
    )


def intent(attempt: int = 1, number: int = 1, **fields: Any) -> StepIntent:
    """An attempt about to be made."""
    usual: dict[str, Any] = {
        "step_id": "step_1",
        "target_id": identifier("asset", 1),
        "target": "app-01",
        "tool": "service-restart",
        "at": AT,
        "before": {"pid": 10},
        "owner": "4711-18f0-0a1b",
        "claim": 1,
        "approval_id": identifier("appr", 1),
    }
    return StepIntent(execution_id=identifier("exec", number), attempt=attempt, **usual | fields)


def decision(**fields: Any) -> ApprovalDecision:
    """What a person said."""
    usual: dict[str, Any] = {"who": identifier("idn", 1), "who_name": "requester", "reason": "go ahead", "at": LATER}
    return ApprovalDecision(how="cli", level=1, **{"decision": "approve"} | usual | fields)


def approval(number: int = 1, tenant: str = "default", **fields: Any) -> Approval:
    """A pending question, with years to answer it."""
    envelope = ApprovalEnvelope(
        version=1,
        tenant=tenant,
        execution_id=identifier("exec", number),
        requester=identifier("idn", 1),
        plan_digest=HASH,
        steps=({"id": "step_1", "arguments": {"service": "billing"}, "targets": ["asset_1"], "depends_on": []},),
        risk="medium",
        approval_level=1,
        policy_digest=HASH,
        catalogue_digest=HASH,
        inventory_revision=7,
        expires_at="2096-05-05T12:30:00.000Z",
        nonce="a1b2c3",
    )
    usual: dict[str, Any] = {
        "approval_id": identifier("appr", number),
        "execution_id": identifier("exec", number),
        "plan_hash": HASH,
        "envelope": envelope,
        "level": 1,
        "state": ApprovalState.PENDING,
        "requester": identifier("idn", 1),
        "turn_id": identifier("turn", number),
        "created_at": AT,
        "expires_at": "2096-05-05T12:30:00.000Z",
    }
    return Approval(tenant=tenant, **usual | fields)


def record(number: int = 1, tenant: str = "default", **fields: Any) -> TurnRecord:
    """The record of a turn in which everything happened."""
    turn_id, execution_id = identifier("turn", number), identifier("exec", number)
    usual: dict[str, Any] = {
        "turn_id": turn_id,
        "session_id": identifier("sess", 1),
        "number": number,
        "turn_group": turn_id,
        "trigger": Trigger.MESSAGE,
        "channel": "cli",
        "requester": identifier("idn", 1),
        "message": "restart billing on app-01",
        "started_at": AT,
        "completed_at": LATER,
        "reply": _reply(turn_id, execution_id),
        "rules": (RuleVerdict(rule_id="r-1", kept=True, reason="global", score=0.123),),
        "rejected_values": (RejectedValue(key="team", value_text="x", reason="not one of the teams"),),
        "scenario_moves": ("start triage-service",),
        "lanes": {"rules": {"pool": 3, "items": [{"id": "r-1", "score": 0.5}]}, "memories": {"warning": "failed"}},
        "verdict": GateVerdict(outcome="run", level=0, risk="low", reasons=("it only reads",)),
        "enforcement": {"passed": True, "rewrites": 0},
        "pack": "default@0.1.0",
        "catalogue_digest": HASH,
        "configuration_digest": HASH,
    }
    return TurnRecord(tenant=tenant, **usual | fields)


def identity(number: int = 1, tenant: str = "default", **fields: Any) -> Identity:
    """A person."""
    usual: dict[str, Any] = {"name": f"person-{number}", "roles": frozenset({Role.REQUESTER, Role.ADMIN})}
    return Identity(identity_id=identifier("idn", number), tenant=tenant, **usual | fields)


def token(number: int = 1, **fields: Any) -> Token:
    """A credential of person 1."""
    usual: dict[str, Any] = {"identity_id": identifier("idn", 1), "kind": "bearer", "label": "laptop", "created_at": AT}
    return Token(token_id=identifier("tok", number), token_hash=f"{number:064x}", **usual | fields)


def message(number: int = 1, tenant: str = "default", payload: Mapping[str, Json] | None = None) -> OutboxMessage:
    """Something to do after the reply."""
    return OutboxMessage(
        message_id=identifier("msg", number),
        tenant=tenant,
        topic="memory",
        turn_id=identifier("turn", number),
        payload={"kind": "answer", "score": 0.5, "entities": ["app-01"]} if payload is None else payload,
        created_at=AT,
    )


def memory(number: int = 1, tenant: str = "default", **fields: Any) -> Memory:
    """Something that happened."""
    usual: dict[str, Any] = {
        "kind": "episode",
        "text": "billing on app-01 was restarted",
        "entities": (identifier("asset", 1), "billing"),
        "turn_id": identifier("turn", number),
        "valid_from": AT,
        "recorded_at": AT,
    }
    return Memory(memory_id=identifier("mem", number), tenant=tenant, **usual | fields)


def audit_entry(number: int = 1, tenant: str = "default", **fields: Any) -> AuditEntry:
    """Something to chain."""
    usual: dict[str, Any] = {
        "at": AT,
        "actor": identifier("idn", 1),
        "action": "phase.completed",
        "subject": identifier("turn", number),
        "detail": {"phase": "p04_retrieve", "ms": 12},
    }
    return AuditEntry(tenant=tenant, **usual | fields)


def _reply(turn_id: str, execution_id: str) -> TurnReply:
    guess = IntentGuess(category="automation", action="restart_service", confidence=0.87654)
    return TurnReply(
        turn_id=turn_id,
        session_id=identifier("sess", 1),
        kind=ReplyKind.ANSWER,
        message="billing on app-01 was restarted: process 10 became 11.",
        decision=DecisionV1(
            decision_id=identifier("dec", 1),
            mode=Mode.ACT,
            intent=guess,
            entities=(_ENTITY,),
            overall_confidence=0.87654,
            confidence_level="high",
            request="restart billing on app-01",
            alternatives=(guess,),
        ),
        plan=plan(),
        approval=approval(),
        execution=result(execution_id),
        outcome=TurnOutcome(resolution="resolved", categories=("POLICY_RESTRICTION",)),
        evidence=(Evidence(claim="11", step="step_1@app-01", path="output.pid", value=11),),
        clarification={"question": "Which?", "options": ["a", "b"]},
        warnings=("the memories lane failed",),
        phases=(
            PhaseTiming(
                phase="p04_retrieve", started_ms=1.5, ms=12.25, parts=(PhasePart(name="a", started_ms=2, ms=3),)
            ),
        ),
    )


_ENTITY = Entity(type="host", value="app-01", text="app-01", start=19, end=25, asset_id=identifier("asset", 1))
_SCENARIO = ScenarioInstance(
    instance_id=identifier("inst", 1),
    scenario_id="triage-service",
    version=1,
    step_id="ask-host",
    status="active",
    variables={"host": "app-01", "tries": 2},
    visits={"ask-host": 1},
)
