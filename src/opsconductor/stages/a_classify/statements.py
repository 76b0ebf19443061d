"""Messages that state a value and ask for nothing: "my team is payments", "the change freeze is on"."""

import re
from collections.abc import Iterable

from opsconductor.domain.customer import CustomerDataField
from opsconductor.domain.snapshot import SituationalSnapshot

_AROUND = r"(?:(?:hi|hello|ok|okay|well|please|note that|fyi|by the way)[,:\s]+)*"


def only_states(snapshot: SituationalSnapshot, fields: Iterable[CustomerDataField]) -> bool:
    """True when the whole message is one of the ways to state a field that it gave a value for."""
    examples = {field.key: field.examples for field in fields}
    text = snapshot.text.strip().rstrip(".!")
    return any(
        re.fullmatch(_AROUND + _pattern(example, candidate.value_text), text, re.IGNORECASE)
        for candidate in snapshot.candidate_variables
        for example in examples.get(candidate.key, ())
    )


def _pattern(example: str, value: str) -> str:
    return re.escape(value.rstrip(".!")).join(re.escape(part) for part in example.split("{value}"))
