"""Times one turn on a clock and tells observers as phases start and end."""

from collections.abc import Callable
from types import TracebackType

from opsconductor.domain.turn import PhasePart, PhaseTiming
from opsconductor.ports.clock import Clock

PhaseObserver = Callable[[str, str, float], None]
"""Called with phase name, "start" or "end", and milliseconds since the turn began."""


class ClockTurnTrace:
    """A TurnTrace on the given clock; parts belong to the phase that is open when they end."""

    def __init__(self, clock: Clock, observer: PhaseObserver | None = None) -> None:
        self._now = clock.monotonic
        self._observer = observer
        self._origin = clock.monotonic()
        self._phases: list[_Phase] = []

    def phase(self, name: str) -> "_Phase":
        """Time a phase."""
        return _Phase(self, name)

    def part(self, name: str) -> "_Part":
        """Time a piece of the current phase."""
        return _Part(self, name)

    def timings(self) -> tuple[PhaseTiming, ...]:
        """What has been timed so far; an open phase shows its time until now."""
        now = self._now()
        return tuple(self._timing(phase, now) for phase in self._phases)

    def start(self, phase: "_Phase") -> float:
        """The phase is the current one from here on; when that was, on the clock."""
        started = self._now()
        self._phases.append(phase)
        self._tell(phase.name, "start", started)
        return started

    def end(self, phase: "_Phase") -> float:
        """When the phase ended, on the clock."""
        ended = self._now()
        self._tell(phase.name, "end", ended)
        return ended

    def now(self) -> float:
        """Seconds on the clock."""
        return self._now()

    def keep(self, part: "_Part") -> None:
        """A part that has ended; one outside of every phase is dropped."""
        if self._phases:
            self._phases[-1].parts.append((part.name, part.started, self._now()))

    def _timing(self, phase: "_Phase", now: float) -> PhaseTiming:
        ended = now if phase.ended is None else phase.ended
        return PhaseTiming(
            phase=phase.name,
            started_ms=self._ms(phase.started),
            ms=round((ended - phase.started) * 1000, 3),
            parts=tuple(
                [
                    PhasePart(name=name, started_ms=self._ms(began), ms=round((stopped - began) * 1000, 3))
                    for name, began, stopped in phase.parts
                ]
            ),
        )

    def _ms(self, moment: float) -> float:
        return round((moment - self._origin) * 1000, 3)

    def _tell(self, name: str, state: str, moment: float) -> None:
        if self._observer is not None:
            self._observer(name, state, self._ms(moment))


class _Phase:
    """An open phase, or one that has ended; only the moments are noted, the values are built when asked for."""

    __slots__ = ("_trace", "ended", "name", "parts", "started")

    def __init__(self, trace: ClockTurnTrace, name: str) -> None:
        self._trace = trace
        self.name = name
        self.started = 0.0
        self.ended: float | None = None
        self.parts: list[tuple[str, float, float]] = []

    def __enter__(self) -> None:
        self.started = self._trace.start(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended = self._trace.end(self)


class _Part:
    """A piece of the phase that is open when it ends."""

    __slots__ = ("_trace", "name", "started")

    def __init__(self, trace: ClockTurnTrace, name: str) -> None:
        self._trace = trace
        self.name = name
        self.started = 0.0

    def __enter__(self) -> None:
        self.started = self._trace.now()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._trace.keep(self)
