"""What is said: the plan for the reply, the draft, what enforcement found, and ResponseV1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opsconductor.domain.json_value import Json


class ReplyKind(StrEnum):
    """What a reply is; each kind has exactly one exit code."""

    ANSWER = "answer"
    QUESTION = "question"
    APPROVAL_REQUIRED = "approval_required"
    JOB_ACCEPTED = "job_accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    PARTIAL = "partial"
    FAILED = "failed"
    UNKNOWN = "unknown"


EXIT_CODES: Mapping[ReplyKind, int] = {
    ReplyKind.ANSWER: 0,
    ReplyKind.JOB_ACCEPTED: 0,
    ReplyKind.APPROVAL_REQUIRED: 3,
    ReplyKind.QUESTION: 4,
    ReplyKind.FAILED: 5,
    ReplyKind.PARTIAL: 5,
    ReplyKind.UNKNOWN: 5,
    ReplyKind.REFUSED: 6,
    ReplyKind.CANCELLED: 7,
}


class ResponseType(StrEnum):
    """How P8 decided to respond."""

    ASK = "ask"
    ANSWER = "answer"
    MIXED = "mixed"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    ESCALATE = "escalate"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A claim of the reply and where the stored results show it."""

    claim: str  # the words or number as they stand in the message
    step: str  # "step_1" or "step_1@app-01"; "plan", "approval", "decision" for what is not a result
    path: str  # dotted path inside that object, e.g. output.total_count
    value: Json


@dataclass(frozen=True, kw_only=True)
class ResponsePlan:
    """P8's result: what the reply must hold before a word of it is written."""

    type: ResponseType
    kind: ReplyKind
    must_include: tuple[str, ...] = ()
    must_avoid: tuple[str, ...] = ()  # words that would claim what did not happen
    contributions: tuple[str, ...] = ()  # ASK | INFORM | CONFIRM | ACTION_HINT
    question: str = ""
    options: tuple[str, ...] = ()
    suggested_next: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FactsBlock:
    """What stage D reads from stored results: sentences, and for each number, name and state where it stands."""

    facts: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """P9's result: a wording that has not been checked, beside the facts it must keep word for word."""

    message: str
    block: FactsBlock
    attempt: int
    worded_by: str  # template | model | kind: only what the kind of the reply says, since wording it broke


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What enforcement found."""

    rule: str
    lane: str  # deterministic | evidence | judge
    detail: str


@dataclass(frozen=True, kw_only=True)
class EnforcementResult:
    """P10's verdict on one draft."""

    passed: bool
    violations: tuple[Violation, ...] = ()
    can_retry: bool = False
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ResponseV1:
    """The reply as it leaves: facts, evidence, and what to do next."""

    kind: ReplyKind
    message: str
    evidence: tuple[Evidence, ...] = ()
    clarification: Mapping[str, Json] | None = None  # question, options, reason
    warnings: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    suggested_next: tuple[str, ...] = ()
    enforcement: EnforcementResult = field(default_factory=lambda: EnforcementResult(passed=True))
    rewrites: int = 0
    worded_by: str = "template"  # as in Draft, of the words that left
    schema: str = "ResponseV1"
