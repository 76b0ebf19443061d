"""Messages that follow a reply: committed with the turn, delivered later, survive a restart."""

from dataclasses import dataclass

from opsconductor.domain.json_value import JsonObject


@dataclass(frozen=True, kw_only=True)
class OutboxMessage:
    """One thing to do after the reply; handlers must bear being called twice."""

    message_id: str
    tenant: str
    topic: str  # memory | analytics
    turn_id: str
    payload: JsonObject
    created_at: str
    attempts: int = 0
