"""Values that a message seems to state for declared fields, found by the examples the fields declare."""

import re
from collections.abc import Iterator

from opsconductor.domain.customer import SchemaMask
from opsconductor.domain.snapshot import CandidateVariable
from opsconductor.phases.p02_sense.cues import Said

LONGEST_VALUE = 200
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]+\}")
_VALUE = rf"([^\s,;!?](?:[^,;!?\n]{{0,{LONGEST_VALUE - 1}}}?))"
# A value ends with the sentence, or where the next statement begins.
_END = (
    r"(?=\s*(?:[,;!?]|\.(?:\s|$)|$)"
    r"|\s+(?:and|but|so|because)\s+(?:my|our|i|we|please|the|is|are|show|restart|check|list|how)\b)"
)


class VariableReader:
    """The fields of one mask, ready to be found in messages. It knows that a value exists, and never which."""

    def __init__(self, mask: SchemaMask) -> None:
        self.mask = mask
        self._patterns = [
            (key, Said(_PLACEHOLDER.sub(" ", example)).keys, _pattern(example))
            for key, field in mask.items()
            for example in field.examples
            if _PLACEHOLDER.search(example)
        ]

    def read(self, heard: Said) -> Iterator[CandidateVariable]:
        """One candidate a field, from its first example that fits."""
        said: set[str] = set()
        for key, needed, pattern in self._patterns:
            match = pattern.search(heard.text) if needed <= heard.keys and key not in said else None
            if match:
                said.add(key)
                field = self.mask[key]
                value = match[1].strip().strip("\"'").rstrip(".").strip()
                if value:
                    yield CandidateVariable(key=key, value_text=value, scope=field.scope, is_update=field.exists)


def _pattern(example: str) -> re.Pattern[str]:
    before, _, after = (" ".join(part.split()) for part in _around(example))
    head = rf"(?<!\w){_words(before)}\s+" if before else r"^"
    tail = rf"\s+{_words(after)}(?!\w)" if after else _END
    return re.compile(head + _VALUE + tail, re.I)


def _around(example: str) -> tuple[str, str, str]:
    match = _PLACEHOLDER.search(example)
    if match is None:
        return example, "", ""
    return example[: match.start()], match.group(), example[match.end() :]


def _words(said: str) -> str:
    return re.escape(said).replace("\\ ", r"\s+")
