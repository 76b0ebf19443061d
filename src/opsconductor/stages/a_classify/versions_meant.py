"""Which of the versions in a request it wants: not the one it comes from, nor the one that it takes back."""

import re
from collections.abc import Sequence

from opsconductor.domain.entities import Entity

_NUMBER = r"\s+(?:the\s+)?(?:(?:version|release|build)\s+)?$"
_FROM = re.compile(rf"\bfrom{_NUMBER}", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:upgrade|update|deployment|roll-?out|release|switch|move|change|promotion)\b[^,;]*$", re.IGNORECASE
)


def versions_meant(text: str, entities: Sequence[Entity], *, back: bool, answered: bool) -> tuple[Entity, ...]:
    """`entities` without versions that are not wanted.

    In a request that goes `back` only a version is wanted to which it goes: "roll back billing 2.3" does not say which,
    nor does "revert the upgrade to 2.3". What an answer (`answered`) has added stands at the end and is wanted.
    """
    services = "|".join(re.escape(one.text) for one in entities if one.type == "service" and one.text)
    to = re.compile(
        rf"\bto(?:\s+(?:the\s+)?(?:{services}))?{_NUMBER}" if services else rf"\bto{_NUMBER}", re.IGNORECASE
    )

    def wanted(one: Entity) -> bool:
        if text[one.start : one.end] != one.text:  # remembered, not said here
            return True
        before = re.sub(r"[vV]$", "", text[: one.start])
        if _FROM.search(before):
            return False
        if not back or (answered and not text[one.end :].strip(" .!")):
            return True
        goes = to.search(before)
        return goes is not None and not _CHANGE.search(before[: goes.start()])

    return tuple([one for one in entities if one.type != "version" or wanted(one)])
