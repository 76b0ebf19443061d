"""What a plan sends, in lines: each call under its step and target, as the connector would make it."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

PURPOSES = {"run": "runs", "read_back": "reads back", "verify": "verifies", "undo": "undoes, when it fails"}


def command_lines(commands: Sequence[Mapping[str, Any]]) -> list[str]:
    """The calls, line by line; a step on a target is named once."""
    lines: list[str] = []
    named = ""
    for command in commands:
        heading = f"{command['step_id']}{' on ' + command['target'] if command['target'] else ''}:"
        lines += [heading] if heading != named else []
        named = heading
        note = f"  ({command['note']})" if command["note"] else ""
        lines.append(f"  {PURPOSES.get(command['purpose'], command['purpose'])}: {_sent(command)}{note}")
    return lines


def _sent(command: Mapping[str, Any]) -> str:
    """The request, as it could be typed where it is a command line."""
    request = dict(command["request"])
    if not request:
        return f"nothing of {command['tool']}"
    over = f"{command['connector']} {_where(request)}".strip() if command["connector"] else _where(request)
    if "argv" in request:
        return f"{over}: {shlex.join(str(part) for part in request['argv'])}"
    if "url" in request:
        body = f" {json.dumps(request['body'], ensure_ascii=False)}" if "body" in request else ""
        return f"{command['connector']}: {request['method']} {request['url']}{body}"
    shown = {name: value for name, value in request.items() if name not in ("address", "port")}
    return f"{over}: {json.dumps(shown, ensure_ascii=False)}" if shown else over


def _where(request: Mapping[str, Any]) -> str:
    address, port = request.get("address"), request.get("port")
    return f"{address} port {port}" if address and port else str(address or "")
