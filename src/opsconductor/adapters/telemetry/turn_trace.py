"""Times one turn on a clock and tells observers as phases start and end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from opsconductor.domain.turn import PhasePart, PhaseTiming
from opsconductor.ports.clock import Clock

PhaseObserver = Callable[[str, str, float], None]
"""Called with phase name, "start" or "end", and milliseconds since the turn began."""


class ClockTurnTrace:
    """A TurnTrace on the given clock; parts belong to the phase that is open when they end."""

    def __init__(self, clock: Clock, observer: PhaseObserver | None = None) -> None:
        self._clock = clock
        self._observer = observer
        self._origin = clock.monotonic()
        self._timings: list[PhaseTiming] = []

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        started = self._elapsed()
        self._tell(name, "start", started)
        index = len(self._timings)
        self._timings.append(PhaseTiming(phase=name, started_ms=started, ms=0.0))
        try:
            yield
        finally:
            ended = self._elapsed()
            self._timings[index] = replace(self._timings[index], ms=round(ended - started, 3))
            self._tell(name, "end", ended)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a piece of the current phase."""
        started = self._elapsed()
        try:
            yield
        finally:
            if self._timings:
                part = PhasePart(name=name, started_ms=started, ms=round(self._elapsed() - started, 3))
                self._timings[-1] = replace(self._timings[-1], parts=(*self._timings[-1].parts, part))

    def timings(self) -> tuple[PhaseTiming, ...]:
        """What has been timed so far; an open phase shows its time until now."""
        now = self._elapsed()
        return tuple(t if t.ms else replace(t, ms=round(now - t.started_ms, 3)) for t in self._timings)

    def _elapsed(self) -> float:
        return round((self._clock.monotonic() - self._origin) * 1000, 3)

    def _tell(self, name: str, state: str, at_ms: float) -> None:
        if self._observer is not None:
            self._observer(name, state, at_ms)
