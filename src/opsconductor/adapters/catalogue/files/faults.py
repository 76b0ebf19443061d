"""All faults of a pack, collected: an author mends them in one go."""

from collections.abc import Collection

from opsconductor.domain.catalogue import PackFault

MAX_FAULTS = 200


class Faults:
    """The faults found so far."""

    def __init__(self) -> None:
        self._found: dict[PackFault, None] = {}

    def add(self, file: str, line: int, fault: str, remedy: str) -> None:
        """One more fault; the same one is kept once."""
        self._found[PackFault(file=file, line=line, fault=fault, remedy=remedy)] = None

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> tuple[PackFault, ...]:
        """By file and line, at most MAX_FAULTS."""
        return tuple(sorted(self._found, key=lambda fault: (fault.file, fault.line, fault.fault)))[:MAX_FAULTS]


def did_you_mean(word: str, known: Collection[str], otherwise: str) -> str:
    """A remedy: the nearest known word, or `otherwise` followed by all of them."""
    import difflib  # only a pack with faults needs it

    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]}?"
    listed = ", ".join(sorted(known)[:20])
    return f"{otherwise}: {listed}." if listed else "There are none; write one first."
