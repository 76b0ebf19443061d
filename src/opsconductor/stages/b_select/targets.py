"""What a request wants a tool to act on: named hosts, a group of the inventory, or the one host of a named service."""

from collections.abc import Mapping
from dataclasses import dataclass

from opsconductor.domain.assets import AssetQuery, Vocabulary
from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.json_value import Json
from opsconductor.ports.inventory import Inventory
from opsconductor.stages.b_select.filters import filters_of
from opsconductor.stages.b_select.request import Request

MOST_LISTED = 1_000  # far above what any tool takes at once; stage C refuses the rest by number
QUANTIFIERS = frozenset({"all", "every", "each", "both", "whole", "entire", "everywhere", "everything"})
GROUP_NOUNS = frozenset(
    ("assets", "boxes", "computers", "devices", "estate", "fleet", "hosts", "instances", "machines", "nodes", "servers",
     "systems", "vms", "workstations")
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reached:
    """An asset that the request means."""

    asset_id: str
    name: str
    platform: str


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Everything the request means, and how that was found out."""

    assets: tuple[Reached, ...] = ()
    how: str = ""  # named | group | runs the service | ""
    refusal_code: str = ""
    refusal: str = ""


async def reach(request: Request, tool: Tool, inventory: Inventory, tenant: str, vocabulary: Vocabulary) -> Reach:
    """The targets of `tool`; without any and without a refusal they are simply not named yet.

    Raises `inventory.*` when a group has to be looked up.
    """
    named = _named(request)
    if named:
        return Reach(assets=named, how="named")
    if request.foreign:
        addresses = ", ".join(request.foreign[:5])
        return Reach(
            refusal_code="gate.no_target_matched",
            refusal=f"The inventory has no host with the address {addresses}; {tool.name} works on its hosts only.",
        )
    filters = filters_of(request, vocabulary)
    wide = request.says(QUANTIFIERS) or request.says(GROUP_NOUNS)
    if wide and not filters:
        return Reach(
            refusal_code="gate.empty_selector",
            refusal="No host and no group is named; an empty selection never means all. "
            "Name hosts, or a group such as: all linux servers in staging.",
        )
    places = filters.keys() - {"service"}
    if wide or (places and (tool.effect is Effect.READ or _rolls_out(tool, filters))):
        return await _group(filters, inventory, tenant)
    runners = _runners(request)
    if len(runners) == 1 or (runners and tool.effect is Effect.READ and len(runners) <= tool.max_targets):
        return Reach(assets=runners, how="runs the service")
    return Reach()


def _rolls_out(tool: Tool, filters: Mapping[str, Json]) -> bool:
    """Whether a place means all that run the service there: "deploy billing to staging", which goes part by part."""
    return bool(tool.canary or tool.batch) and "service" in filters


def _named(request: Request) -> tuple[Reached, ...]:
    found: dict[str, Reached] = {}
    for entity in request.named(("host", "ip")):
        if entity.asset_id:
            match = next((one for one in entity.matches if one.asset_id == entity.asset_id), None)
            found[entity.asset_id] = Reached(
                asset_id=entity.asset_id,
                name=match.name if match else entity.value,
                platform=match.platform if match else "",
            )
    return tuple(found.values())


async def _group(filters: Mapping[str, Json], inventory: Inventory, tenant: str) -> Reach:
    answer = await inventory.query(tenant, AssetQuery(query_type="list", filters=filters, limit=MOST_LISTED))
    ids = [str(row["asset_id"]) for row in answer.assets if "asset_id" in row]
    assets = await inventory.assets(tenant, ids) if ids else ()
    if not assets:
        said = ", ".join(f"{field} {_said(value)}" for field, value in filters.items())
        return Reach(refusal_code="gate.no_target_matched", refusal=f"No asset of the inventory has {said}.")
    return Reach(
        assets=tuple(Reached(asset_id=one.asset_id, name=one.name, platform=one.platform) for one in assets),
        how="group",
    )


def _runners(request: Request) -> tuple[Reached, ...]:
    """The assets that run the named service."""
    services = request.named(("service",))
    matches = services[0].matches if len(services) == 1 else ()
    return tuple(
        Reached(asset_id=match.asset_id, name=match.name, platform=match.platform) for match in matches if match.exact
    )


def _said(value: Json) -> str:
    return " or ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)
