"""Typed mentions found in a message."""

from dataclasses import dataclass

from opsconductor.domain.assets import AssetMatch

ENTITY_TYPES = (
    "host", "ip", "service", "version", "environment", "file_path", "port", "user", "ticket", "command", "os", "tag",
    "duration", "date", "number", "url", "type", "role", "site", "owner", "status", "platform",
)  # fmt: skip
"""Entity types; those after `date` are the slots that inventory questions use."""


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A mention, what it was understood as, and how sure that is."""

    type: str
    value: str  # canonical value: the inventory's spelling, ISO date, seconds for a duration
    text: str  # as written
    start: int  # span in the normalised message, half open
    end: int
    confidence: float = 1.0
    match: str = "exact"  # exact | fuzzy | none; a fuzzy one always asks, it never runs
    asset_id: str | None = None
    matches: tuple[AssetMatch, ...] = ()  # inventory candidates for host, ip, service
