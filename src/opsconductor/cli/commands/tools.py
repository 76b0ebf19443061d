"""`tools`: what can be done, by the pack in use."""

from collections.abc import Sequence
from typing import Annotated

import typer

from opsconductor.cli.connect import with_client
from opsconductor.cli.options import AsIdentity, AsJson, Tenant


def list_tools(as_json: AsJson = False, acting_as: AsIdentity = "", tenant: Tenant = "") -> None:
    """List the tools."""
    from opsconductor.cli.printing import say_json
    from opsconductor.cli.render.tables import show_table

    found = with_client(lambda client: client.tools(), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    rows = [(one["name"], one["effect"], one["risk"], one["connector"], one["description"]) for one in found]
    show_table(("tool", "effect", "risk", "by", "what it does"), rows, "No tools.")


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The tool.")],
    target: Annotated[list[str] | None, typer.Option(metavar="HOST", help="An asset to call it on.")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--input", metavar="NAME=VALUE", help="An input to call it with.")
    ] = None,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Show one tool: what it takes, does and checks; with a target or input, the risk and level of that call."""
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.tables import cell, show_table

    if target or given:
        _show_level(name, target or [], given or [], as_json, acting_as, tenant)
        return
    found = with_client(lambda client: client.tool(name), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    say(f"{found['name']} {found['version']}: {found['description']}")
    times = ("estimate_s", "estimate")
    facts = ("effect", "risk", "connector", "platforms", *times, "max_targets", "undo", "no_probe_reason")
    show_table(("", ""), [(fact.replace("_", " "), cell(found[fact])) for fact in facts if found[fact]])
    properties = found["inputs"].get("properties", {})
    required = found["inputs"].get("required", [])
    rows = [
        (
            key,
            field.get("x-entity") or field.get("type", ""),
            "yes" if key in required else "no",
            field.get("description"),
        )
        for key, field in properties.items()
    ]
    show_table(("input", "type", "required", "meaning"), rows, "It takes no input.")
    for rule in found["risk_rules"]:
        say(f"Risk {rule['risk']} when {rule['when']}: {rule['because']}")
    for criterion in (*found["preconditions"], *found["success"]):
        say(f"Checks {criterion['expression']}: {criterion['message']}")
    for example in found["examples"]:
        say(f'Say: "{example}"')


def _show_level(
    name: str, targets: Sequence[str], given: Sequence[str], as_json: bool, acting_as: str, tenant: str
) -> None:
    """The level of one call with everything that it comes from; nothing is run."""
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.call_level import level_lines
    from opsconductor.domain.errors import BadInput

    inputs = dict(text.partition("=")[::2] for text in given)
    if any("=" not in text or text.startswith("=") for text in given):
        raise BadInput("request.invalid", "An input is written as NAME=VALUE.")
    found = with_client(lambda client: client.call_level(name, targets, inputs), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    for line in level_lines(found):
        say(line)


def check() -> int:
    """Check the pack in use: every fault of its tools with file, line and remedy."""
    from opsconductor.cli.commands.pack import tell_faults
    from opsconductor.cli.printing import say
    from opsconductor.settings import load_settings

    settings = load_settings()
    from opsconductor.bootstrap import check_pack

    faults = check_pack(settings.pack)
    if faults:
        return tell_faults(faults)
    say("The tools of the pack in use are sound.")
    return 0
