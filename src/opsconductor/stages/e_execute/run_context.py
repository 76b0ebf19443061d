"""What stage E is told beside plan and decision: for whom, under which record, with which approval."""

from dataclasses import dataclass, field

from opsconductor.domain.approvals import ApprovalDecision
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.execution import Execution, StepResult


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """One execution about to run."""

    execution: Execution
    catalogue: Catalogue
    approvals: tuple[ApprovalDecision, ...] = ()
    started: bool = False  # True when the approval's transaction already started it
    actor: str = field(default="")  # identity on whose behalf steps are audited
    unrecorded: list[StepResult] = field(default_factory=list)  # effects whose result the store did not take: P11 does
