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
        return _Phase(name, self._phases, self._now, self._tell)

    def part(self, name: str) -> "_Part":
        """Time a piece of the current phase."""
        return _Part(name, self._phases, self._now)

    def timings(self) -> tuple[PhaseTiming, ...]:
        """What has been timed so far; an open phase shows its time until now."""
        now = self._now()
        return tuple([self._timing(phase, now) for phase in self._phases])

    def _timing(self, phase: "_Phase", now: float) -> PhaseTiming:
        origin, started = self._origin, phase.started
        ended = now if phase.ended is None else phase.ended
        parts = [
            PhasePart(name=name, started_ms=round((began - origin) * 1000, 3), ms=round((over - began) * 1000, 3))
            for name, began, over in phase.parts
        ]
        return PhaseTiming(
            phase=phase.name,
            started_ms=round((started - origin) * 1000, 3),
            ms=round((ended - started) * 1000, 3),
            parts=tuple(parts),
        )

    def _tell(self, name: str, state: str, moment: float) -> None:
        if self._observer is not None:
            self._observer(name, state, round((moment - self._origin) * 1000, 3))


class _Phase:
    """A phase of the turn; only the moments are noted, the values are made when they are asked for."""

    __slots__ = ("_now", "_phases", "_tell", "ended", "name", "parts", "started")

    def __init__(
        self,
        name: str,
        phases: "list[_Phase]",
        now: Callable[[], float],
        tell: PhaseObserver,
    ) -> None:
        self.name = name
        self.started = 0.0
        self.ended: float | None = None
        self.parts: list[tuple[str, float, float]] = []
        self._phases = phases
        self._now = now
        self._tell = tell

    def __enter__(self) -> None:
        self.started = self._now()
        self._phases.append(self)
        self._tell(self.name, "start", self.started)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended = self._now()
        self._tell(self.name, "end", self.ended)


class _Part:
    """A piece of the phase that is open when it ends; outside of every phase it is dropped."""

    __slots__ = ("_name", "_now", "_phases", "_started")

    def __init__(self, name: str, phases: list[_Phase], now: Callable[[], float]) -> None:
        self._name = name
        self._phases = phases
        self._now = now
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = self._now()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._phases:
            self._phases[-1].parts.append((self._name, self._started, self._now()))
