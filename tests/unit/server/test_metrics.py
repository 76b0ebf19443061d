from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import PhaseTiming, TurnReply
from opsconductor.server.door_keeper import Seen
from opsconductor.server.metrics import ServerMetrics


def seen(route: str, status: int = 200, method: str = "GET") -> Seen:
    return Seen(request_id="r", method=method, path="/turns/1", route=route, status=status, seconds=0.02)


def test_requests_are_counted_by_route_and_not_by_path() -> None:
    metrics = ServerMetrics()
    metrics.request(seen("/turns/{turn_id}"))
    metrics.request(seen("/turns/{turn_id}"))
    text = metrics.text().decode()
    assert 'opsconductor_http_requests_total{method="GET",route="/turns/{turn_id}",status="200"} 2.0' in text
    assert "/turns/1" not in text


def test_made_up_methods_and_paths_make_no_labels() -> None:
    metrics = ServerMetrics()
    metrics.request(seen("", 404, "MADEUP"))
    assert 'method="other",route="none",status="404"' in metrics.text().decode()


def test_turns_are_counted_by_kind_and_their_phases_timed() -> None:
    metrics = ServerMetrics()
    timing = PhaseTiming(phase="p01_identify", started_ms=0, ms=3)
    metrics.turn(TurnReply(turn_id="t", session_id="s", kind=ReplyKind.ANSWER, message="m", phases=(timing,)))
    text = metrics.text().decode()
    assert 'opsconductor_turns_total{kind="answer"} 1.0' in text
    assert 'opsconductor_phase_seconds_count{phase="p01_identify"} 1.0' in text


def test_two_servers_do_not_share_counters() -> None:
    first, second = ServerMetrics(), ServerMetrics()
    first.request(seen("/x"))
    assert 'route="/x"' not in second.text().decode()
