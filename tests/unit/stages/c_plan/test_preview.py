"""What would be sent is shown as the connector would fill it in; some addresses are refused before anything is."""

import pytest

from opsconductor.domain.catalogue import ToolRun
from opsconductor.domain.errors import Refused
from opsconductor.domain.plan import planned_target
from opsconductor.stages.c_plan.preview import check_addresses, request_preview
from opsconductor.testing.executions import HOSTS
from opsconductor.testing.turns import a_tool, object_schema

TARGETS = tuple(planned_target(host) for host in HOSTS)


def test_arguments_are_placed_whole_and_secrets_are_left_out() -> None:
    run = ToolRun(argv=("act", {"input": "host"}, {"input": "token"}, {"input": "absent"}))
    tool = a_tool("act", run=run, redact=("token",))
    inputs = {"host": "x", "token": "hunter2"}
    assert request_preview(tool, inputs, TARGETS[:1]) == {"argv": ["act", "app-01", "[redacted]"]}
    assert request_preview(tool, inputs, TARGETS) == {"argv": ["act", "<each target>", "[redacted]"]}


def test_a_primitive_and_a_request_are_named() -> None:
    assert request_preview(a_tool("t", run=ToolRun(builtin="tcp_connect")), {}, ()) == {"builtin": "tcp_connect"}
    get = ToolRun(http={"method": "GET", "url": {"input": "url"}})
    shown = request_preview(a_tool("t", run=get), {"url": "http://a.example/"}, ())
    assert shown == {"http": {"method": "GET", "url": "http://a.example/"}}


@pytest.mark.parametrize(
    ("kind", "value", "refused"),
    [
        ("ip", "169.254.169.254", True),
        ("ip", "10.0.0.1", False),
        ("url", "http://224.0.0.1/", True),
        ("url", "http://a.example/", False),
        ("service", "169.254.169.254", False),
    ],
)
def test_only_addresses_are_judged(kind: str, value: str, refused: bool) -> None:
    tool = a_tool("t", inputs=object_schema(where={"type": "string", "x-entity": kind}))
    if not refused:
        return check_addresses(tool, {"where": value})
    with pytest.raises(Refused) as error:
        check_addresses(tool, {"where": value})
    assert error.value.code == "connector.forbidden_address"
    assert "Nothing was sent" in error.value.message
