"""A model that words the facts well, and changes one number, one name or one state in them."""

import random
import re
from collections.abc import Callable

from opsconductor.domain.claims import NAME, NUMBER, STATES
from opsconductor.ports.llm import WordingRequest

_OPPOSITE = {"succeeded": "failed", "failed": "succeeded", "stopped": "running", "running": "stopped"}


class AlteringWordingDouble:
    """Every wording differs from the facts in one claim, chosen by the seed; `altered` lists what it wrote instead."""

    def __init__(self, seed: int) -> None:
        self.altered: list[tuple[str, str]] = []
        self._random = random.Random(seed)

    async def word(self, request: WordingRequest) -> str:
        """See the port. A text without any claim gets one added."""
        text = "\n".join([*request.facts, *request.must_include])
        ways = [way for way in (self._number, self._name, self._state) if way(text) is not None]
        if not ways:
            self.altered.append(("", "17"))
            return f"{text} There are 17 of them."
        old, new, start = self._random.choice(ways)(text) or ("", "", 0)
        self.altered.append((old, new))
        return text[:start] + new + text[start + len(old) :]

    def _number(self, text: str) -> tuple[str, str, int] | None:
        return self._one_of(text, NUMBER, lambda old: str(int(re.sub(r"\D", "", old)) + self._random.randint(1, 9)))

    def _name(self, text: str) -> tuple[str, str, int] | None:
        return self._one_of(text, NAME, lambda old: old[:-1] + ("x" if old[-1] != "x" else "y"))

    def _state(self, text: str) -> tuple[str, str, int] | None:
        pattern = re.compile(rf"\b(?:{'|'.join(sorted(STATES))})\b", re.IGNORECASE)
        return self._one_of(text, pattern, lambda old: _OPPOSITE.get(old.lower(), "succeeded"))

    def _one_of(self, text: str, pattern: re.Pattern[str], change: Callable[[str], str]) -> tuple[str, str, int] | None:
        found = list(pattern.finditer(text))
        if not found:
            return None
        chosen = self._random.choice(found)
        return chosen.group(0), change(chosen.group(0)), chosen.start()
