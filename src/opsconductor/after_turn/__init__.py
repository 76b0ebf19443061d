"""What follows a reply: the outbox hands its messages to the handlers of this folder, again after a restart."""

from collections.abc import Mapping
from typing import Protocol

from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.ports.storage import Storage
from opsconductor.ports.telemetry import FaultReporter

BATCH = 50
FIRST_RETRY_S = 10.0
LONGEST_RETRY_S = 3600.0
DOUBLINGS = 20


class Handler(Protocol):
    """One topic's handler."""

    async def handle(self, message: OutboxMessage) -> None:
        """Do it and mark the message done."""
        ...


class OutboxRunner:
    """Runs handlers by topic. A message whose topic nobody handles stays where it is."""

    def __init__(self, storage: Storage, handlers: Mapping[str, Handler], faults: FaultReporter) -> None:
        self._storage = storage
        self._handlers = handlers
        self._faults = faults

    async def run_once(self) -> int:
        """Deliver what is due now; how many were delivered. Raises `store.*` when the store does not answer."""
        delivered = 0
        for message in await self._storage.outbox_due(BATCH):
            handler = self._handlers.get(message.topic)
            if handler is not None and await self._deliver(handler, message):
                delivered += 1
        return delivered

    async def _deliver(self, handler: Handler, message: OutboxMessage) -> bool:
        try:
            await handler.handle(message)
            return True
        except OpsConductorError as error:
            reason = error.code
        except Exception as fault:  # round a job: one broken message must not stop the others
            reason = self._faults.report(fault, message.message_id)
        delay = min(FIRST_RETRY_S * 2 ** min(message.attempts, DOUBLINGS), LONGEST_RETRY_S)
        unit = self._storage.begin()
        unit.retry_outbox(message.message_id, delay, reason)
        await unit.commit()
        return False
