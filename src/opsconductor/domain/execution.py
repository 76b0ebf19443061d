"""ExecutionResultV1 and the stored execution it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opsconductor.domain.approvals import ApprovalDecision
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.plan import PlanV1


class ExecutionStatus(StrEnum):
    """States of an execution (safety §4); legal moves are in `states.py`."""

    PENDING = "pending"
    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PARTIAL = "partial"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"


class StepStatus(StrEnum):
    """States of one step on one target."""

    TODO = "todo"
    INTENT = "intent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    COMPENSATED = "compensated"


@dataclass(frozen=True, kw_only=True)
class StepError:
    """Why a step did not succeed."""

    code: str  # from domain/error_codes.py
    message: str
    next_step: str = ""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of one step on one target, as the journal holds it."""

    number: int
    started_at: str
    completed_at: str | None = None
    request: JsonObject = field(default_factory=dict)  # e.g. method, url | argv, address: what was sent
    response: JsonObject = field(default_factory=dict)  # e.g. status, bytes | exit, bytes
    before: Json = None  # probe reading before the effect
    after: Json = None  # probe reading after it


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """What came of one step on one target."""

    step_id: str
    tool: str
    target: str  # asset name, "" when the step has none
    target_id: str
    status: StepStatus
    attempts: tuple[Attempt, ...]
    started_at: str
    completed_at: str | None
    duration_s: float | None
    output: Json = None  # declared fields only
    output_ref: str | None = None  # where the full output is kept, when it was cut
    error: StepError | None = None
    note: str = ""  # e.g. how a probe settled it


@dataclass(frozen=True, kw_only=True)
class ExecutionResultV1:
    """What an execution came to. Every claim of the answer points into this."""

    execution_id: str
    plan_id: str
    plan_hash: str  # "" for level 0: nothing needed approval
    status: ExecutionStatus
    mode: str  # immediate | background
    started_at: str | None
    completed_at: str | None
    duration_s: float | None
    step_results: tuple[StepResult, ...]
    success_count: int
    failure_count: int
    unknown_count: int
    summary: str
    output: Json = None  # the last successful step's output, or per target
    error: StepError | None = None
    approvals: tuple[ApprovalDecision, ...] = ()
    plan_against_actual: Mapping[str, Json] = field(default_factory=dict)  # as result_aggregator makes it
    job: JsonObject | None = None
    schema: str = "ExecutionResultV1"


@dataclass(frozen=True, kw_only=True)
class Execution:
    """The stored execution: minted when the plan is frozen."""

    execution_id: str
    tenant: str
    session_id: str
    turn_id: str
    turn_group: str
    requester: str
    plan: PlanV1
    plan_hash: str
    status: ExecutionStatus
    mode: str
    request: str  # the words it came from
    created_at: str
    owner: str = ""  # process that runs it
    result: ExecutionResultV1 | None = None
    updated_at: str = ""
    claim: int = 0  # rises each time somebody takes the run over; writes of an earlier claim are refused
    tool_key: str = ""  # same intent, targets and parameters ⇒ same key; "" = reads, never deduplicated
    cancelled_by: str = ""  # identity that asked to cancel it; no step begins from then on


@dataclass(frozen=True, kw_only=True)
class ExecutionMove:
    """One recorded state change."""

    execution_id: str
    source: ExecutionStatus
    target: ExecutionStatus
    actor: str
    at: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What P11 commits for an execution that ran: read results, the last move and the result."""

    execution_id: str
    results: tuple[StepResult, ...]  # of reads; effects were committed one by one, but for those the store did not take
    move: ExecutionMove
    result: ExecutionResultV1
    claim: int = 0  # under which it ran: a run that was taken over cannot close it
    outputs: Mapping[str, bytes] = field(default_factory=dict)  # whole outputs of reads by reference, to be kept


@dataclass(frozen=True, kw_only=True)
class Paused:
    """What P11 commits for a level-3 execution that waits for a person's word on its next step."""

    execution_id: str
    step_id: str  # the step to be confirmed
    results: tuple[StepResult, ...]  # of reads; as in Closing
    done: tuple[StepResult, ...]  # all there is so far, to be told
    move: ExecutionMove  # running → awaiting_approval
    claim: int = 0
    outputs: Mapping[str, bytes] = field(default_factory=dict)  # as in Closing


@dataclass(frozen=True, kw_only=True)
class StepIntent:
    """Committed before an effect: this attempt is about to touch this target."""

    execution_id: str
    step_id: str
    target_id: str
    target: str
    tool: str
    attempt: int
    at: str
    before: Json = None  # the probe's reading, so that recovery can compare
    owner: str = ""
    claim: int = 0
    approval_id: str = ""  # whose consumption allows this effect; "" = a read
