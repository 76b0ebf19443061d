"""The tools that a scenario's step wants run, if the scenario is really what this request is about."""

from opsconductor.domain.decision import DecisionV1
from opsconductor.domain.scenarios import Orchestration, Scenario, ToolBinding
from opsconductor.domain.turn import TurnContext
from opsconductor.ports.inventory import Inventory
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.targets import Reach, Reached

_ORDER = ("BEFORE", "DURING", "AFTER")


def bindings_in_force(
    context: TurnContext, decision: DecisionV1, orchestration: Orchestration
) -> tuple[ToolBinding, ...]:
    """The scenario's bindings in the order they run; none when the request is about something else.

    A scenario that was under way goes on; one that starts with this message needs stage A's word for its intent,
    because the lane that started it only guesses.
    """
    under_way = {one.scenario_id for one in context.session.scenarios if one.status == "active"}
    label = decision.intent.label if decision.intent is not None and not decision.out_of_scope else ""

    def meant(binding: ToolBinding) -> bool:
        owners = [one for one in context.catalogue.scenarios if _has(one, binding)]
        return any(one.scenario_id in under_way or label in one.intents for one in owners)

    return tuple(sorted((one for one in orchestration.bindings if meant(one)), key=lambda one: _ORDER.index(one.when)))


async def reach_of(name: str, request: Request, inventory: Inventory, tenant: str) -> Reach:
    """The host that a scenario variable names: one this message names, else what the inventory knows by that name."""
    for entity in request.named(("host", "ip")):
        for match in entity.matches:
            if entity.asset_id == match.asset_id and name in (entity.value, match.name, match.asset_id):
                found = Reached(asset_id=match.asset_id, name=match.name, platform=match.platform)
                return Reach(assets=(found,), how="named")
    mentions = await inventory.resolve(tenant, [name]) if name else ()
    exact = [match for mention in mentions for match in mention.matches if match.exact and mention.kind != "service"]
    if len(exact) != 1:
        return Reach()
    return Reach(
        assets=(Reached(asset_id=exact[0].asset_id, name=exact[0].name, platform=exact[0].platform),), how="scenario"
    )


def _has(scenario: Scenario, binding: ToolBinding) -> bool:
    return any(step.binding == binding for step in scenario.steps)
