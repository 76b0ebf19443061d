"""Calls in lines: a command line as it could be typed, a request with its body, and what is not known yet."""

from typing import Any

from opsconductor.cli.render.commands import command_lines


def call(purpose: str = "run", target: str = "app-01", **changes: Any) -> dict[str, Any]:
    usual = {"step_id": "step_1", "tool": "service-restart", "connector": "ssh", "note": ""}
    request = {"argv": ["svc", "restart", "my billing"], "address": "192.0.2.1", "port": 22}
    return usual | {"purpose": purpose, "target": target, "request": request} | changes


def test_each_target_is_named_once_with_its_calls_below() -> None:
    assert command_lines([call(), call("read_back"), call(target="app-02")]) == [
        "step_1 on app-01:",
        "  runs: ssh 192.0.2.1 port 22: svc restart 'my billing'",
        "  reads back: ssh 192.0.2.1 port 22: svc restart 'my billing'",
        "step_1 on app-02:",
        "  runs: ssh 192.0.2.1 port 22: svc restart 'my billing'",
    ]


def test_requests_connections_and_what_is_not_known() -> None:
    request = {"method": "POST", "url": "http://127.0.0.1:3001/query", "body": {"query_type": "count"}}
    lines = command_lines(
        [
            call(target="", connector="http", request=request),
            call("verify", target="", connector="network", request={"address": "192.0.2.1", "port": 22}),
            call("undo", target="", request={}, note="service-deploy is not there any more."),
            call("undo", target="", request={"method": "GET", "refused": "No port."}, connector="http"),
        ]
    )
    assert lines == [
        "step_1:",
        '  runs: http: POST http://127.0.0.1:3001/query {"query_type": "count"}',
        "  verifies: network 192.0.2.1 port 22",
        "  undoes, when it fails: nothing of service-restart  (service-deploy is not there any more.)",
        '  undoes, when it fails: http: {"method": "GET", "refused": "No port."}',
    ]
