"""Optional wording by a model. What it writes is checked like any other text; it has no tools and decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class WordingRequest:
    """Facts to word. Every number, name and state must survive unchanged."""

    facts: tuple[str, ...]
    must_include: tuple[str, ...]
    must_avoid: tuple[str, ...]
    hints: Sequence[str] = ()  # what enforcement found wrong with the last try
    channel: str = "cli"


class Wording(Protocol):
    """Puts facts into words."""

    async def word(self, request: WordingRequest) -> str:
        """One message. Raises Unavailable when the model does not answer; the template is used then."""
        ...
