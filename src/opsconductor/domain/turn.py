"""One turn: what comes in, what is loaded, what goes out, and the record that stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opsconductor.domain.approvals import Approval
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.commands import PlannedCommand
from opsconductor.domain.customer import CustomerDataField, RejectedValue, SchemaMask, VariableEntry
from opsconductor.domain.decision import Clarification, DecisionV1
from opsconductor.domain.entities import Entity
from opsconductor.domain.execution import Closing, Execution, ExecutionResultV1, Paused
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.knowledge import GlossaryItem
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.response import Evidence, ReplyKind
from opsconductor.domain.rules import RuleVerdict
from opsconductor.domain.scenarios import ScenarioInstance, ScenarioStep
from opsconductor.domain.selection import SelectionV1


class Trigger(StrEnum):
    """What opened the turn."""

    MESSAGE = "message"
    UNDO = "undo"  # an order to take an execution back, by its id
    APPROVAL = "approval"
    JOB_FINISHED = "job_finished"


@dataclass(frozen=True, kw_only=True)
class ApprovalAnswer:
    """A person's decision that opens a turn."""

    approval_id: str
    plan_hash: str  # the hash the person saw
    decision: str  # approve | reject | request_changes | edit
    reason: str = ""
    changes: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)  # edit: step id → inputs to replace
    break_glass: bool = False  # approve without the second person; needs the right and a reason


@dataclass(frozen=True, kw_only=True)
class TurnInput:
    """What opened a turn, already authenticated."""

    turn_id: str
    identity: Identity
    agent: str = "ops"
    channel: str = "cli"  # web | chat | email | api | cli
    trigger: Trigger = Trigger.MESSAGE
    message: str = ""
    approval: ApprovalAnswer | None = None
    session_id: str = ""  # "" = a new session
    customer: str = ""  # "" = the identity itself
    turn_group: str = ""  # "" = the turn's own id
    received_at: str = ""
    undoes: str = ""  # the execution to take back; trigger undo only
    idempotency_key: str = ""
    body_hash: str = ""
    metadata: Mapping[str, Json] = field(default_factory=dict)
    dry_run: bool = False  # plan it and tell what would be sent; nothing is run, and nobody is asked to approve


@dataclass(frozen=True, kw_only=True)
class Session:
    """A conversation. `version` rises with each committed turn; turn numbers have no gaps."""

    session_id: str
    tenant: str
    agent: str
    customer_id: str
    identity_id: str
    turn_count: int = 0
    last_intent: str = ""
    last_entities: tuple[Entity, ...] = ()
    last_request: str = ""
    pending_question: Clarification | None = None
    pending_request: str = ""  # the words the question was about, to be completed by the answer
    clarify_rounds: int = 0
    scenarios: tuple[ScenarioInstance, ...] = ()
    rule_fires: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # rule → turn numbers it fired in
    variables: Mapping[str, Json] = field(default_factory=dict)  # SESSION scope lives in memory only: never stored
    updated_at: str = ""


@dataclass(frozen=True, kw_only=True)
class Configured:
    """One setting of the agent's behaviour and the layer that set it."""

    value: Json
    source: str  # code | pack | tenant | agent | scenario | step


@dataclass(frozen=True, kw_only=True)
class TurnContext:
    """P1's result: everything that was loaded, frozen for the turn."""

    input: TurnInput
    tenant: str
    session: Session
    customer_data: Mapping[str, VariableEntry]
    fields: tuple[CustomerDataField, ...]
    mask: SchemaMask
    glossary: tuple[GlossaryItem, ...]
    configuration: Mapping[str, Configured]
    configuration_digest: str
    catalogue: Catalogue
    started_at: str


@dataclass(frozen=True, kw_only=True)
class CustomerUpdate:
    """P3's result: customer data after this message, and entities resolved to assets."""

    customer_data: Mapping[str, VariableEntry]
    changed: tuple[VariableEntry, ...] = ()
    rejected: tuple[RejectedValue, ...] = ()
    entities: tuple[Entity, ...] = ()  # resolved; references such as "it" included
    clarification: Clarification | None = None  # unknown, ambiguous or nearly matching target
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # environment, role, … of the resolved targets


@dataclass(frozen=True, kw_only=True)
class GateVerdict:
    """The recorded verdict on one plan: rights → hard rules → risk → level → mode."""

    outcome: str  # run | approve | refuse
    level: int
    risk: str
    reasons: tuple[str, ...]
    code: str = ""  # error code when refused
    rule_id: str = ""
    mode: str = "immediate"


@dataclass(frozen=True, kw_only=True)
class ToolPhaseResult:
    """P7's result: what stages A, B, C, the gate and E made of the request."""

    decision: DecisionV1 | None = None
    selection: SelectionV1 | None = None
    plan: PlanV1 | None = None
    verdict: GateVerdict | None = None
    approval: Approval | None = None
    execution: ExecutionResultV1 | None = None
    proposed: Execution | None = None  # frozen plan that awaits an approval; P11 stores it with the approval
    closing: Closing | None = None  # what P11 commits for an execution that ran
    paused: Paused | None = None  # what P11 commits for one that waits for a word on its next step: `approval`
    told: str = ""  # what has to be told of the approval beside its state: who is still needed, what it owes
    refusal_code: str = ""  # when nothing was planned or the gate refused
    refusal: str = ""
    clarification: Clarification | None = None
    commands: tuple[PlannedCommand, ...] = ()  # dry run: what would be sent
    info: JsonObject = field(default_factory=dict)  # facts for intents that need no tool: memories, tools, help


@dataclass(frozen=True, kw_only=True)
class TurnOutcome:
    """How the turn ended, for analytics."""

    resolution: str  # resolved | partial | unresolved | redirected
    categories: tuple[str, ...] = ()  # AWAITING_USER_INPUT, SYSTEM_ERROR, POLICY_RESTRICTION, …


@dataclass(frozen=True, kw_only=True)
class PhasePart:
    """A named piece of a phase; parts that overlap in time ran together."""

    name: str
    started_ms: float  # since the turn began
    ms: float


@dataclass(frozen=True, kw_only=True)
class PhaseTiming:
    """One phase's wall time."""

    phase: str
    started_ms: float
    ms: float
    parts: tuple[PhasePart, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TurnReply:
    """What every door returns: the `--json` object."""

    turn_id: str
    session_id: str
    kind: ReplyKind
    message: str
    decision: DecisionV1 | None = None
    selection: SelectionV1 | None = None
    plan: PlanV1 | None = None
    approval: Approval | None = None
    execution: ExecutionResultV1 | None = None
    job: JsonObject | None = None
    commands: tuple[PlannedCommand, ...] = ()  # of a dry run
    outcome: TurnOutcome | None = None
    evidence: tuple[Evidence, ...] = ()
    clarification: Mapping[str, Json] | None = None
    warnings: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    suggested_next: tuple[str, ...] = ()
    phases: tuple[PhaseTiming, ...] = ()
    error: JsonObject | None = None  # code, message, next_step when the turn itself failed


@dataclass(frozen=True, kw_only=True)
class ReplyBasis:
    """What the reply was made from beside what it shows: with both it can be derived again."""

    told: str = ""  # as in ToolPhaseResult
    info: JsonObject = field(default_factory=dict)
    refusal: str = ""
    customer: Mapping[str, Json] = field(default_factory=dict)  # stored fields, only where a rule's words need them
    inputs: Mapping[str, Json] = field(default_factory=dict)  # scenario variables of the follow-ups
    follow_ups: tuple[ScenarioStep, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TurnRecord:
    """The append-only record of one turn: enough to explain it and to replay it."""

    turn_id: str
    tenant: str
    session_id: str
    number: int
    turn_group: str
    trigger: Trigger
    channel: str
    requester: str
    message: str
    started_at: str
    completed_at: str
    reply: TurnReply
    rules: tuple[RuleVerdict, ...]
    rejected_values: tuple[RejectedValue, ...]
    scenario_moves: tuple[str, ...]
    lanes: Mapping[str, JsonObject]  # lane → ids with scores, pool, strategy, warning
    verdict: GateVerdict | None
    enforcement: JsonObject
    pack: str
    catalogue_digest: str
    configuration_digest: str
    basis: ReplyBasis | None = None  # None in records of versions that did not keep it
    schema: str = "TurnRecord"


@dataclass(frozen=True, kw_only=True)
class AcceptedTurn:
    """A request as it stands in the store from the moment it is accepted."""

    turn_id: str
    tenant: str
    session_id: str
    turn_group: str
    identity_id: str
    channel: str
    trigger: Trigger
    message: str
    approval_id: str
    received_at: str
    owner: str  # the process that works on it
    state: str = "accepted"  # accepted | finished | interrupted
