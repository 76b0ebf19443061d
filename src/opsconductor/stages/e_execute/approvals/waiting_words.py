"""What people are told of an approval that waits: who has spoken, who may still, and the next command."""

from opsconductor.domain.approvals import Approval, ApprovalDecision
from opsconductor.domain.execution import Execution
from opsconductor.stages.e_execute.approvals.approvers import Outlook

CREATE = "opsconductor identities create NAME --role approver"


def who_is_needed(outlook: Outlook, approval_id: str) -> str:
    """Who has to approve, and how there can be enough of them."""
    people = "1 person has" if outlook.missing == 1 else f"{outlook.missing} different people have"
    who = _listed(outlook.names)
    if len(outlook.names) >= outlook.missing:
        return f"{people} to approve it, of: {who}."
    words = f"{people} to approve it, and here {f'only {who}' if who else 'nobody'} may. To add one: {CREATE}."
    if not outlook.glass:
        return words
    return (
        f"{words} In an emergency {_listed(outlook.glass)} may approve without a second person: "
        f"opsconductor approvals approve {approval_id} --break-glass --reason WHY."
    )


def nobody_could(outlook: Outlook, level: int, reasons: tuple[str, ...]) -> str:
    """Why a plan is refused that nobody here could ever approve, and who would be needed."""
    roles = " or ".join(outlook.roles) or "a role that the setting approval_rights grants"
    several = outlook.missing > 1
    people = f"{outlook.missing} different people" if several else "a second person"
    here = f"only {_listed(outlook.names)} may" if outlook.names else "there is nobody who may"
    why = f"level {level}: {'; '.join(reasons)}"
    return (
        f"This change needs the approval of {people} with the role {roles} ({why}), and {here}, so nothing was run. "
        f"An administrator can add one: {CREATE}."
    )


def given_so_far(approval: Approval, counted: tuple[ApprovalDecision, ...], outlook: Outlook) -> str:
    """What has been decided, and what is missing still."""
    names = _listed(tuple(decision.who_name for decision in counted)) or "Nobody"
    have = "has" if len(counted) <= 1 else "have"
    needed = who_is_needed(outlook, approval.approval_id)
    return f"{names} {have} approved it ({len(counted)} of {approval.needed}). {needed}"


def owed_review(approval: Approval) -> str:
    """What a plan that was approved without the second person owes."""
    who = next((one.who_name for one in reversed(approval.decisions) if one.break_glass), "Somebody")
    return (
        f"{who} approved this without a second person. Somebody else has to review that: "
        f"opsconductor approvals review {approval.approval_id} --reason WHY."
    )


def waits_already(execution: Execution, approval: Approval) -> str:
    """The same order is open: nothing new was made."""
    return (
        f"This is the same order as {execution.execution_id}, which has waited since {approval.created_at}: "
        "no second one was made."
    )


def begun_already(execution: Execution) -> str:
    """The same order runs."""
    return f"The same order is {execution.status.value} as {execution.execution_id}; no second one was begun."


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)
