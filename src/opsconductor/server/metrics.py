"""What /metrics tells: requests at this door, turns by kind, and the time each phase took."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from opsconductor.domain.turn import TurnReply
from opsconductor.server.door_keeper import Seen

CONTENT_TYPE = CONTENT_TYPE_LATEST
_PHASE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class ServerMetrics:
    """Counters of one server; two servers in a process do not share them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "opsconductor_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "opsconductor_http_request_seconds", "Time to the end of the answer.", ("route",), registry=self._registry
        )
        self._turns = Counter("opsconductor_turns", "Turns told, by kind.", ("kind",), registry=self._registry)
        self._phases = Histogram(
            "opsconductor_phase_seconds",
            "Wall time of each phase.",
            ("phase",),
            registry=self._registry,
            buckets=_PHASE_BUCKETS,
        )

    def request(self, seen: Seen) -> None:
        """Count one answered request."""
        route = seen.route or "none"
        self._requests.labels(seen.method if seen.route else "other", route, str(seen.status)).inc()
        self._seconds.labels(route).observe(seen.seconds)

    def turn(self, reply: TurnReply) -> None:
        """Count one told turn and its phases."""
        self._turns.labels(reply.kind.value).inc()
        for timing in reply.phases:
            self._phases.labels(timing.phase).observe(timing.ms / 1000)

    def text(self) -> bytes:
        """Everything in the text format that Prometheus reads."""
        return generate_latest(self._registry)
