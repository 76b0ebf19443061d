"""What stage B reads of a request: its words, what they name, and the intent stage A decided."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from opsconductor.domain.assets import FILTER_FIELDS
from opsconductor.domain.decision import DecisionV1
from opsconductor.domain.entities import CONDITION_TYPES, Entity

_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True, kw_only=True)
class Request:
    """The words and their entities; only what is certain is used."""

    text: str
    action: str  # of the intent: asset_count
    entities: tuple[Entity, ...]
    foreign: tuple[str, ...] = ()  # addresses that no asset of the inventory has
    conditions: tuple[Entity, ...] = ()  # exclusions, comparisons and the like, which no input can hold
    unheard: tuple[Entity, ...] = ()  # values of inventory fields that no asset has

    @classmethod
    def of(cls, decision: DecisionV1) -> "Request":
        """What a decision is about. A near or unknown mention never becomes an input."""
        certain = tuple(entity for entity in decision.entities if entity.match == "exact")
        foreign = tuple(entity.value for entity in decision.entities if entity.type == "ip" and not entity.asset_id)
        action = decision.intent.action if decision.intent else ""
        unheard = (one for one in decision.entities if one.type in FILTER_FIELDS and one.match == "none")
        return cls(
            text=decision.request,
            action=action,
            entities=certain,
            foreign=foreign,
            conditions=tuple(entity for entity in decision.entities if entity.type in CONDITION_TYPES),
            unheard=tuple(unheard),
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """The lower-case words of the text."""
        return frozenset(_WORD.findall(self.text.casefold()))

    def says(self, words: frozenset[str]) -> bool:
        """Whether any of `words` stands in the text as a whole word."""
        return not self.words.isdisjoint(words)

    def named(self, kinds: Sequence[str]) -> list[Entity]:
        """Entities of these types, in order of the text, each value once."""
        if not self.entities:
            return []
        found: dict[str, Entity] = {}
        for entity in self.entities:
            if entity.type in kinds:
                found.setdefault(entity.value.casefold(), entity)
        return sorted(found.values(), key=lambda entity: entity.start)
