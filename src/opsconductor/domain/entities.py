"""Typed mentions found in a message."""

from dataclasses import dataclass

from opsconductor.domain.assets import AssetMatch

ENTITY_TYPES = (
    "host", "ip", "service", "version", "environment", "file_path", "port", "user", "ticket", "command", "os", "tag",
    "duration", "date", "number", "url", "type", "role", "site", "owner", "status", "platform",
)  # fmt: skip
"""Entity types; those after `date` are the slots that inventory questions use."""

CONDITION_TYPES = ("exclusion", "comparison", "live_state", "attribute")
"""Types of words that narrow a request in a way no tool takes as an input; always of match none."""

EXCLUDED_HERE = "except"
"""Value of an exclusion that plainly takes something away, such as `all but`; others hold their own words."""

OF_THE_COUNT = "of the count"
"""Value of a comparison with the number of what is counted: the count answers it. Others compare the assets."""


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
