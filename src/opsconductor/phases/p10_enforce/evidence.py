"""The evidence check: every number, name and state of a message must stand in a stored result."""

from collections.abc import Mapping

from opsconductor.domain.claims import NEGATIONS, claims_left, promises, state_words, without
from opsconductor.domain.json_value import Json
from opsconductor.domain.response import Draft, Evidence, ResponsePlan, Violation


def check_evidence(draft: Draft, plan: ResponsePlan, sources: Mapping[str, Json]) -> tuple[Violation, ...]:
    """All violations of the evidence lane.

    `sources` holds the stored objects by evidence step. A fact may claim only what its evidence holds, and the
    message must keep each fact word for word; what stands around the facts may claim nothing of its own.
    """
    return (
        *_stale_evidence(draft.block.evidence, sources),
        *_unsupported_facts(draft),
        *_altered_facts(draft),
        *_claims_beside_facts(draft, plan),
    )


def _stale_evidence(evidence: tuple[Evidence, ...], sources: Mapping[str, Json]) -> list[Violation]:
    """Evidence must read the same in the stored result as when the fact was written; without a run there is none."""
    if not sources:
        return []
    found = []
    for item in evidence:
        if item.step not in sources or not _holds(_at(sources[item.step], item.path), item.value):
            found.append(Violation(rule="evidence.differs", lane="evidence", detail=f"{item.step} {item.path}"))
    return found


def _holds(stored: Json, value: Json) -> bool:
    """The stored value itself, a key of a stored mapping, or so many items of a stored list."""
    if isinstance(stored, (list, tuple)) and isinstance(value, int):
        return 0 <= value <= len(stored)
    return stored == value or (isinstance(stored, Mapping) and value in stored)


def _unsupported_facts(draft: Draft) -> list[Violation]:
    claims = [item.claim for item in draft.block.evidence]
    found = []
    for fact in draft.block.facts:
        for claim in claims_left(without(fact, claims)):
            found.append(Violation(rule="evidence.missing", lane="evidence", detail=f"{claim!r} has no evidence"))
    return found


def _altered_facts(draft: Draft) -> list[Violation]:
    message = _folded(draft.message)
    return [
        Violation(rule="evidence.altered", lane="evidence", detail=f"The fact was changed or left out: {fact}")
        for fact in draft.block.facts
        if fact.strip() and without(message, [_folded(fact)]) == message
    ]


def _claims_beside_facts(draft: Draft, plan: ResponsePlan) -> list[Violation]:
    """What a wording added round the facts: no number, name, state, negation or promise of its own."""
    rest = without(_folded(draft.message), map(_folded, (*draft.block.facts, *plan.must_include)))
    if not rest.strip():
        return []
    added = (*claims_left(rest), *state_words(rest), *promises(rest))
    found = [
        Violation(rule="evidence.added", lane="evidence", detail=f"{claim!r} stands in no stored result")
        for claim in added
    ]
    if NEGATIONS.search(rest):
        found.append(Violation(rule="evidence.added", lane="evidence", detail="a negation beside the facts"))
    return found


def _folded(text: str) -> str:
    return " ".join(text.split())


def _at(value: Json, path: str) -> Json:
    parts = path.split(".")
    for index, part in enumerate(parts):
        if isinstance(value, (dict, Mapping)):  # dict first: the abstract class is slow to say yes
            rest = ".".join(parts[index:])
            if rest in value:
                return value[rest]  # keys may hold dots, such as an address
            value = value.get(part)
        elif isinstance(value, (list, tuple)) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
