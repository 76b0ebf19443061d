"""Counts what turns came to: kinds, intents, outcomes, tools."""

from collections import Counter

from opsconductor.domain.outbox import OutboxMessage
from opsconductor.domain.turn import TurnRecord
from opsconductor.ports.storage import Storage


class RecordAnalytics:
    """Handles outbox messages of topic `analytics`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def handle(self, message: OutboxMessage) -> None:
        """Add the turn's counts and mark the message done in one commit; a second time changes nothing."""
        record = await self._storage.turn_record(message.tenant, message.turn_id)
        unit = self._storage.begin()
        if record is not None:
            unit.add_counts(message.tenant, record.completed_at[:10], counts_of(record), message.message_id)
        unit.finish_outbox(message.message_id)
        await unit.commit()


def counts_of(record: TurnRecord) -> Counter[str]:
    """The counters one turn moves."""
    reply = record.reply
    counts = Counter({"turns": 1, f"kind.{reply.kind.value}": 1})
    if reply.decision is not None and reply.decision.intent is not None:
        counts[f"intent.{reply.decision.intent.label}"] += 1
    if reply.outcome is not None:
        counts[f"resolution.{reply.outcome.resolution}"] += 1
        counts.update(f"category.{category}" for category in reply.outcome.categories)
    if reply.execution is not None:
        counts.update(f"tool.{result.tool}.{result.status.value}" for result in reply.execution.step_results)
    return counts
