"""What a step would send, as far as it is known when the plan is frozen; and addresses that are never called."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from opsconductor.domain.callable_addresses import never_called
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.errors import Refused
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.plan import PlannedTarget
from opsconductor.domain.tool_arguments import filled, filled_argv

REDACTED = "[redacted]"
EACH = "<each target>"


def request_preview(tool: Tool, inputs: Mapping[str, Json], targets: Sequence[PlannedTarget]) -> JsonObject:
    """`argv`, `http` or `builtin` with the inputs filled in; what the tool never shows is left out."""
    shown: dict[str, Json] = {name: REDACTED if name in tool.redact else value for name, value in inputs.items()}
    if tool.targets_input and targets:
        shown[tool.targets_input] = targets[0].name if len(targets) == 1 else EACH
    if tool.run.argv:
        return {"argv": list(filled_argv(tool.run.argv, shown))}
    if tool.run.builtin:
        return {"builtin": tool.run.builtin}
    return {"http": filled(tool.run.http, shown)} if tool.run.http else {}


def check_addresses(tool: Tool, inputs: Mapping[str, Json]) -> None:
    """Raises `connector.forbidden_address` for a typed address that no approval can allow."""
    for name, kind in tool.address_inputs.items():
        value = inputs.get(name)
        if not isinstance(value, str):
            continue
        host = _host(value) if kind == "url" else value
        if never_called(host):
            words = f"{host} is not an address that may be called. Nothing was sent."
            raise Refused("connector.forbidden_address", words)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError as error:
        words = "This is not an address that can be called. Nothing was sent."
        raise Refused("connector.forbidden_address", words) from error
