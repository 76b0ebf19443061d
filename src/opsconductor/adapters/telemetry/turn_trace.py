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
        phase = _Phase(name, self._now, self._origin, self._observer)
        self._phases.append(phase)
        return phase

    def part(self, name: str) -> "_Part":
        """Time a piece of the current phase."""
        return _Part(name, self._phases, self._now)

    def timings(self) -> tuple[PhaseTiming, ...]:
        """What has been timed so far; an open phase shows its time until now."""
        now = self._now()
        return tuple([phase.timing(now) for phase in self._phases])


class _Phase:
    """A phase of the turn; only the moments are noted, the values are made when they are asked for.

    It knows nothing of the trace: what refers to itself would stay until the garbage collector comes.
    """

    __slots__ = ("_now", "_observer", "_origin", "ended", "name", "parts", "started")

    def __init__(self, name: str, now: Callable[[], float], origin: float, observer: PhaseObserver | None) -> None:
        self.name = name
        self.started = now()
        self.ended: float | None = None
        self.parts: list[tuple[str, float, float]] = []
        self._now = now
        self._origin = origin
        self._observer = observer

    def __enter__(self) -> None:
        if self._observer is not None:
            self._observer(self.name, "start", _ms(self.started - self._origin))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended = self._now()
        if self._observer is not None:
            self._observer(self.name, "end", _ms(self.ended - self._origin))

    def timing(self, now: float) -> PhaseTiming:
        """The phase in milliseconds since the turn began, open until `now` unless it has ended."""
        origin, started = self._origin, self.started
        ended = now if self.ended is None else self.ended
        parts = [
            PhasePart(name=name, started_ms=_ms(began - origin), ms=_ms(over - began))
            for name, began, over in self.parts
        ]
        return PhaseTiming(
            phase=self.name, started_ms=_ms(started - origin), ms=_ms(ended - started), parts=tuple(parts)
        )


class _Part:
    """A piece of the phase that is open when it ends; outside of every phase it is dropped."""

    __slots__ = ("_name", "_now", "_phases", "_started")

    def __init__(self, name: str, phases: list[_Phase], now: Callable[[], float]) -> None:
        self._name = name
        self._phases = phases
        self._now = now

    def __enter__(self) -> None:
        self._started = self._now()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._phases:
            self._phases[-1].parts.append((self._name, self._started, self._now()))


def _ms(seconds: float) -> float:
    """Milliseconds to the microsecond; a whole number of them, because rounding to places takes five times as long."""
    return round(seconds * 1e6) / 1e3
