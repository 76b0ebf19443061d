"""What the invariants are checked on: A the promises, W the World's log, S the store after recovery, U the words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from opsconductor.domain.approvals import Approval
from opsconductor.domain.audit import ChainedAudit
from opsconductor.domain.execution import Execution, ExecutionMove
from opsconductor.domain.identity import Identity
from opsconductor.domain.turn import AcceptedTurn, TurnRecord
from opsconductor.ports.storage import StepJournal
from opsconductor.testing.client_log import Acknowledged, Shown
from opsconductor.testing.world.log import WorldEntry

LOST = "lost"  # accepted or done, and the record does not have it
DUPLICATE = "duplicate"  # done more often than the record says
FALSE_FAILED = "false_failed"  # told or recorded as not done, and it was done
FALSE_DONE = "false_done"  # told or recorded as done, and it was not
BROKEN = "broken"  # any other promise


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One broken invariant, in words."""

    invariant: str  # I1 … I14
    subject: str  # id of what it is about
    words: str
    harm: str = BROKEN


@dataclass(frozen=True, kw_only=True)
class StoredTurn:
    """An accepted request, and its record once it is finished."""

    accepted: AcceptedTurn
    record: TurnRecord | None


@dataclass(frozen=True, kw_only=True)
class StoredExecution:
    """An execution with everything the store holds about it."""

    execution: Execution
    moves: tuple[ExecutionMove, ...] = ()
    journal: tuple[StepJournal, ...] = ()
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StoreAfter:
    """S: the store once recovery is through, of all tenants looked at."""

    turns: tuple[StoredTurn, ...] = ()
    executions: tuple[StoredExecution, ...] = ()
    identities: tuple[Identity, ...] = ()
    audit: tuple[ChainedAudit, ...] = ()
    broken_chains: tuple[str, ...] = ()  # tenants whose audit chain does not verify
    keys: Mapping[str, str] = field(default_factory=dict)  # Idempotency-Key → id of its turn


@dataclass(frozen=True, kw_only=True)
class HostileAnswer:
    """How the engine met one hostile input."""

    what: str
    status: int  # HTTP status
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that is known after a fault. What was not looked at is left empty, and proves nothing."""

    acknowledged: tuple[Acknowledged, ...] = ()
    world: tuple[WorldEntry, ...] = ()
    store: StoreAfter = field(default_factory=StoreAfter)
    shown: tuple[Shown, ...] = ()
    healthy_s: float = 0.0  # for how long a healthy worker has been there
    events: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # execution → event numbers as they arrived
    only_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # tenant → words that nobody else may see
    secrets: tuple[str, ...] = ()  # planted
    exposed: Mapping[str, str] = field(default_factory=dict)  # place (log, frame, prompt, …) → its text
    hostile: tuple[HostileAnswer, ...] = ()
    memory_growth_mib: float = 0.0
    transcripts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # store engine → normalised lines
