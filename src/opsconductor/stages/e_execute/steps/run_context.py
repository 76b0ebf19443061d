"""What stage E is told beside plan and decision: for whom, under which record, with which approval."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from opsconductor.domain.approvals import ApprovalDecision
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.execution import Execution, StepError, StepResult
from opsconductor.domain.plan import PlanStep


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """One execution about to run."""

    execution: Execution
    catalogue: Catalogue
    approvals: tuple[ApprovalDecision, ...] = ()
    started: bool = False  # True when the approval's transaction already started it
    actor: str = field(default="")  # identity on whose behalf steps are audited
    unrecorded: list[StepResult] = field(default_factory=list)  # effects whose result the store did not take: P11 does
    approval_id: str = ""  # whose consumption allows the changing steps; "" = only reads may run
    done: tuple[StepResult, ...] = ()  # what the journal already holds of this run: those steps are not run again
    confirmed: frozenset[str] | None = None  # level 3: changing steps a person confirmed; None = none has to be


RightsCheck = Callable[[RunContext, PlanStep], Awaitable[StepError | None]]
"""Before each changing step: why requester or approvers may no longer have it run, or None."""
