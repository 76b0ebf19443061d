"""A reply for people: the message, what it needs from them, and on standard error what it warns of."""

from collections.abc import Mapping, Sequence
from typing import Any

from opsconductor.cli.printing import say, say_json, tell
from opsconductor.cli.render.approval import next_commands
from opsconductor.cli.render.commands import command_lines
from opsconductor.cli.render.tables import show_table
from opsconductor.domain.error_codes import CODES
from opsconductor.domain.response import EXIT_CODES, ReplyKind

ASSET_COLUMNS = ("name", "type", "platform", "environment", "site", "owner", "ip", "status")


def exit_code(reply: Mapping[str, Any]) -> int:
    """The one exit code of the reply's kind."""
    return EXIT_CODES[ReplyKind(reply["kind"])]


def show_reply(reply: Mapping[str, Any], *, as_json: bool) -> int:
    """Print a reply of `ask` or of a decision; its exit code."""
    if as_json:
        say_json(reply)
    else:
        say(reply["message"])
        for line in command_lines(reply.get("commands") or ()):
            say(line)
        tell_warnings(reply)
        if reply["kind"] == ReplyKind.APPROVAL_REQUIRED and reply["approval"]:
            for line in next_commands(reply["approval"]):
                say(line)
    return exit_code(reply)


def tell_warnings(reply: Mapping[str, Any]) -> None:
    """Warnings, and what to try after a refusal or failure, on standard error."""
    for warning in reply["warnings"]:
        tell(f"warning: {warning}")
    error = reply.get("error")
    if error and error["code"] in CODES:
        tell(f"{reply['kind']} {error['code']}. Next: {error.get('next_step') or CODES[error['code']].next_step}")


def show_result(reply: Mapping[str, Any]) -> None:
    """What an execution put out, as tables where it is a list or a breakdown."""
    output = (reply["execution"] or {}).get("output")
    if not isinstance(output, Mapping):
        return
    breakdown, assets = output.get("breakdown"), output.get("assets")
    if isinstance(assets, Sequence) and assets and isinstance(assets[0], Mapping):
        show_assets(assets)
    elif isinstance(breakdown, Mapping) and len(breakdown) > 1:
        show_table(("what", "how many"), list(breakdown.items()))


def show_assets(assets: Sequence[Mapping[str, Any]]) -> None:
    """Assets as a table of those columns that say anything."""
    columns = [name for name in ASSET_COLUMNS if any(asset.get(name) for asset in assets)] or ["name"]
    show_table(columns, [[asset.get(name) for name in columns] for asset in assets], "No asset.")
