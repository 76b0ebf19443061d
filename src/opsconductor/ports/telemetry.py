"""Timings of one turn, seen live by whoever waits and kept in the TurnRecord."""

from contextlib import AbstractContextManager
from typing import Protocol

from opsconductor.domain.turn import PhaseTiming


class TurnTrace(Protocol):
    """Times the phases of one turn and their parts."""

    def phase(self, name: str) -> AbstractContextManager[None]:
        """Time a phase; observers are told when it starts and ends."""
        ...

    def part(self, name: str) -> AbstractContextManager[None]:
        """Time a piece of the current phase; pieces may overlap."""
        ...

    def timings(self) -> tuple[PhaseTiming, ...]:
        """What has been timed so far, in order of start."""
        ...


class FaultReporter(Protocol):
    """Keeps what broke where an engineer finds it; people get the reference only."""

    def report(self, fault: BaseException, subject: str) -> str:
        """Write the fault with its traceback to the log; the reference that stands in the reply."""
        ...


class Metrics(Protocol):
    """Counters and durations for /metrics; names are fixed words, labels have few values."""

    def count(self, name: str, **labels: str) -> None:
        """Add one."""
        ...

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add a duration."""
        ...
