"""What only the requester can say: as form fields, and as one question with choices."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.decision import Clarification
from opsconductor.domain.json_value import Json
from opsconductor.domain.selection import MissingParameter
from opsconductor.ports.inventory import Inventory
from opsconductor.stages.b_select.candidates import Candidate
from opsconductor.stages.b_select.request import Request

CHOICES = 6
_MASK = re.compile(r"\{(\w+)\}")


def missing_parameters(chosen: Sequence[Candidate]) -> tuple[MissingParameter, ...]:
    """Each missing input once, with the type its schema declares."""
    found: dict[str, MissingParameter] = {}
    for candidate in chosen:
        for name in candidate.missing:
            spec = candidate.tool.properties.get(name, {})
            secret = bool(spec.get("writeOnly") or spec.get("x-secret"))
            found.setdefault(name, MissingParameter(name=name, type=str(spec.get("type", "string")), secret=secret))
    return tuple(found.values())


async def which_input(
    chosen: Sequence[Candidate], request: Request, inventory: Inventory, tenant: str
) -> Clarification:
    """The question for the first missing input, with the choices there are; raises `inventory.*`."""
    candidate = next(one for one in chosen if one.missing)
    name = candidate.missing[0]
    if name == candidate.tool.targets_input:
        options, more = await _hosts(candidate.tool, request, inventory, tenant)
    else:
        options, more = _choices(candidate.tool.properties.get(name, {})), False
    listed = f" {'For example' if more else 'I know'} {', '.join(options)}." if options else ""
    called = name.replace("_", " ")
    target = name == candidate.tool.targets_input
    return Clarification(
        question=f"Which {called}?{listed}{_hint(candidate.tool.properties.get(name, {}), request)}",
        options=options,
        reason="unknown_target" if target else "missing_input",
        subject="" if target else called,
    )


def which_tool(tools: Sequence[Tool]) -> Clarification:
    """The question between tools that fit alike and do different things."""
    does = [f"{tool.name} ({tool.description.split('. ')[0].rstrip('.')})" for tool in tools]
    return Clarification(
        question=f"Which do you want: {' or '.join(does)}?",
        options=tuple(tool.name for tool in tools),
        reason="missing_input",  # the answer is added to the request, and a tool named there is taken
    )


async def _hosts(tool: Tool, request: Request, inventory: Inventory, tenant: str) -> tuple[tuple[str, ...], bool]:
    """Names of hosts the tool works on, those that run the named service first of all; and whether there are more."""
    runners = [match for entity in request.named(("service",)) for match in entity.matches if match.exact]
    if runners:
        fitting = [one.name for one in runners if not tool.platforms or one.platform in tool.platforms]
        return tuple(dict.fromkeys(fitting))[:CHOICES], len(fitting) > CHOICES
    filters: dict[str, Json] = {"platform": list(tool.platforms)} if tool.platforms else {}
    answer = await inventory.query(tenant, AssetQuery(query_type="list", filters=filters, limit=CHOICES))
    return tuple(str(row["name"]) for row in answer.assets if "name" in row), answer.total_count > CHOICES


def _hint(spec: Mapping[str, Any], request: Request) -> str:
    """What the pack says about where to find a value, with what the request names; "" where it does not name that."""
    hint = spec.get("x-hint")
    if not isinstance(hint, str):
        return ""
    named = {kind: request.named((kind,)) for kind in _MASK.findall(hint)}
    return " " + _MASK.sub(lambda mask: named[mask[1]][0].value, hint) if all(named.values()) else ""


def _choices(spec: object) -> tuple[str, ...]:
    values = spec.get("enum") if isinstance(spec, Mapping) else None
    return tuple(str(value) for value in values[:CHOICES]) if isinstance(values, list | tuple) else ()
