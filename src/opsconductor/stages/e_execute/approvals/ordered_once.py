"""An Idempotency-Key of an order about an execution: the same order again is answered, and nothing is done twice."""

from dataclasses import dataclass

from opsconductor.domain.errors import Conflict
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import IdempotencyRow, Storage, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OrderKey:
    """The key as it is stored, and what it stands for; no key at all when it is empty."""

    key: str = ""
    body_hash: str = ""


NO_KEY = OrderKey()


async def was_ordered(storage: Storage, tenant: str, order: OrderKey) -> bool:
    """Whether this very order was carried out before. Raises `request.idempotency_reused` for another one."""
    row = await storage.idempotency(tenant, order.key) if order.key else None
    if row is not None and row.body_hash != order.body_hash:
        raise Conflict("request.idempotency_reused", "This Idempotency-Key was used for another request.")
    return row is not None


def remember(unit: UnitOfWork, tenant: str, execution_id: str, order: OrderKey, clock: Clock) -> None:
    """Bind the key in the unit of work that carries the order out."""
    if order.key:
        now = timestamp(clock.now())
        row = IdempotencyRow(
            tenant=tenant, key=order.key, body_hash=order.body_hash, turn_id=execution_id, created_at=now
        )
        unit.remember_key(row)
