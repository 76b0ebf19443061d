"""One execution, locked until the commit: what conditions about it are checked against."""

from dataclasses import dataclass

from opsconductor.adapters.storage.postgresql.transaction import Transaction
from opsconductor.domain.errors import Conflict, NotFound


@dataclass(frozen=True, kw_only=True)
class HeldExecution:
    """What stands in the row; nobody else changes it before this transaction ends."""

    tenant: str
    status: str
    claim: int
    cancelled_by: str
    is_leased: bool  # its lease is not over by the store's clock


async def hold(transaction: Transaction, execution_id: str) -> HeldExecution:
    """Serve the execution's tenant and lock its row. Raises `execution.not_found`."""
    standing = await transaction.hold("execution", execution_id)
    if not standing:
        raise not_found()
    tenant, status, claim, cancelled_by, is_leased = standing[0]
    return HeldExecution(tenant=tenant, status=status, claim=claim, cancelled_by=cancelled_by, is_leased=is_leased)


def demand_claim(held: HeldExecution, claim: int) -> None:
    """Raise `execution.fenced` unless the stored claim is this one."""
    if held.claim != claim:
        raise fenced()


def fenced() -> Conflict:
    """The error for a run that somebody else has taken over, or that is over."""
    return Conflict("execution.fenced", "This run has ended or was taken over; nothing more is written for it.")


def not_found() -> NotFound:
    """The error for an execution that is not there."""
    return NotFound("execution.not_found", "There is no such execution.")
