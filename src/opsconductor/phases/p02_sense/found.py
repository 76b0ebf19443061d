"""Mentions with a rank, and which of them stand when several claim the same words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from opsconductor.domain.entities import CONDITION_TYPES, Entity

# Who wins among claims to the very same words, first is strongest.
_ORDER = (
    "url", "command", "host", "ip", "service", "ticket", "version", "file_path", "user", "tag", "port", "date",
    "duration", "environment", "type", "role", "platform", "os", "site", "owner", "status", "number",
    *CONDITION_TYPES,
)  # fmt: skip
_RANK = {kind: place for place, kind in enumerate(_ORDER)}
GUESS = 100
"""Added to the rank of a mention that stands only if nothing else claims its words."""

MOST_OF_A_TYPE = 250
# Types that understanding treats alike, and the one that it treats as plain text.
_MASKED_AS = {"platform": "os"}
_UNMASKED = frozenset({"number", *CONDITION_TYPES})
_UNMASKED_UNHEARD = frozenset({"type", "status"})  # words of any kind stand there
_BRACES = str.maketrans("{}", "()")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A claim to a span; `rank` decides between claims to the same span, the lower wins."""

    entity: Entity
    rank: int


def found(entity: Entity, *, guess: bool = False) -> Found:
    """A claim with the rank of its type."""
    return Found(entity=entity, rank=_RANK[entity.type] + (GUESS if guess else 0))


def standing(claims: Iterable[Found]) -> tuple[Entity, ...]:
    """The mentions that stand, in order: the longest first, then by rank.

    Claims of one type to the very same words stand together: they are alternatives (`switches`: four roles).
    """
    ordered = sorted(claims, key=lambda one: (one.entity.start - one.entity.end, one.rank, one.entity.start))
    if not ordered:
        return ()
    kept: list[Entity] = []
    values: set[tuple[int, int, str, str]] = set()
    taken: dict[int, tuple[int, int, str]] = {}
    for claim in ordered:
        entity = claim.entity
        key = (entity.start, entity.end, entity.type)
        holders = {taken[place] for place in range(entity.start, entity.end) if place in taken}
        said = (*key, entity.value)
        guessed = claim.rank >= GUESS and bool(holders)
        if holders - {key} or said in values or guessed:
            continue
        values.add(said)
        kept.append(entity)
        taken.update(dict.fromkeys(range(entity.start, entity.end), key))
    return tuple(sorted(kept, key=lambda entity: (entity.start, entity.end)))


def within_limit(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """The mentions without those past the 250th of their type: a message is no list of everything."""
    counts: Counter[str] = Counter()
    kept = []
    for entity in entities:
        counts[entity.type] += 1
        if counts[entity.type] <= MOST_OF_A_TYPE:
            kept.append(entity)
    return tuple(kept)


def masked(text: str, entities: Iterable[Entity], others: Iterable[tuple[int, int, str]] = ()) -> str:
    """`text` with each mention replaced by `{type}`, and `others` (start, end, replacement) where no mention stands.

    Numbers and conditions stay: they say what is asked and not about what. So do kinds that the inventory
    does not know. Braces that a person wrote are no mask and become parentheses.
    """
    named = [
        (entity.start, entity.end, f"{{{_MASKED_AS.get(entity.type, entity.type)}}}")
        for entity in entities
        if entity.type not in _UNMASKED and not (entity.match == "none" and entity.type in _UNMASKED_UNHEARD)
    ]
    free = [one for one in others if not any(one[0] < end and start < one[1] for start, end, _ in named)]
    pieces: list[str] = []
    place = 0
    for start, end, replacement in sorted([*named, *free]):
        if start < place:
            continue
        pieces += [text[place:start].translate(_BRACES), replacement]
        place = end
    return " ".join(("".join(pieces) + text[place:].translate(_BRACES)).split())


def mention(
    kind: str, value: str, text: str, start: int, end: int, *, confidence: float = 1.0, match: str = "exact"
) -> Entity:
    """A mention of `text[start:end]` that is what it is by its form alone."""
    return Entity(
        type=kind, value=value, text=text[start:end], start=start, end=end, confidence=confidence, match=match
    )
