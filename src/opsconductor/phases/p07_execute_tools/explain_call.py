"""What one call of a tool would be judged as, part by part, without running or storing anything."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue, Tool
from opsconductor.domain.errors import BadInput, NotFound
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import BlastRadius, PlannedTarget
from opsconductor.domain.risk import RiskPart
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.domain.turn import Configured, Session, TurnContext, TurnInput
from opsconductor.phases.p07_execute_tools.gate import Gate
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.schema import Schemas
from opsconductor.ports.storage import Storage
from opsconductor.stages.c_plan.planner import Plan

_TYPED = ("integer", "number", "boolean", "array", "object")


@dataclass(frozen=True, kw_only=True)
class CallLevel:
    """The risk of a call, where it comes from, and the approval level it would have."""

    tool: str
    inputs: Mapping[str, Json]
    missing: tuple[str, ...]  # required inputs that were not given: what reads them cannot be judged, so it raises
    targets: tuple[PlannedTarget, ...]
    parts: tuple[RiskPart, ...]
    risk: str
    level: int
    reasons: tuple[str, ...]
    outcome: str  # run | approve | refuse
    code: str  # why it is refused
    estimate_s: float
    blast_radius: BlastRadius


class ExplainCall:
    """Plans and judges a call exactly as a request for it would be, and throws both away."""

    def __init__(self, plan: Plan, gate: Gate, schemas: Schemas, inventory: Inventory, storage: Storage) -> None:
        self._plan = plan
        self._gate = gate
        self._schemas = schemas
        self._inventory = inventory
        self._storage = storage

    async def run(
        self,
        catalogue: Catalogue,
        identity: Identity,
        channel: str,
        name: str,
        targets: Sequence[str],
        inputs: Mapping[str, Json],
    ) -> CallLevel:
        """The level of `name` on the assets called `targets` with `inputs`; texts are read as the type declared.

        Raises `tool.not_found`, `request.invalid` for inputs that the tool does not take, `gate.no_target_matched`,
        `gate.empty_selector`, `gate.too_many_targets`, `connector.forbidden_address`, `inventory.*`, `store.*`.
        """
        tool = catalogue.tools.get(name)
        if tool is None:
            raise NotFound("tool.not_found", f"There is no tool {name!r}.")
        assets = await self._assets(identity.tenant, tool, targets)
        given, missing = self._inputs(tool, assets, inputs)
        chosen = SelectedTool(name=name, reason="", inputs=given, targets=tuple(one.asset_id for one in assets))
        selection = SelectionV1(selection_id="", tools=(chosen,))
        explained = await self._plan.explained(identity.tenant, catalogue, selection)
        context = await self._context(catalogue, identity, channel)
        verdict = await self._gate.explain(context, explained.plan, assets)
        step = explained.plan.steps[0]
        return CallLevel(
            tool=name,
            inputs=given,
            missing=missing,
            targets=step.targets,
            parts=explained.risks[step.step_id],
            risk=explained.plan.risk,
            level=verdict.level,
            reasons=verdict.reasons,
            outcome=verdict.outcome,
            code=verdict.code,
            estimate_s=explained.plan.estimate_s,
            blast_radius=explained.plan.blast_radius,
        )

    async def _assets(self, tenant: str, tool: Tool, names: Sequence[str]) -> tuple[Asset, ...]:
        """The assets called so, each exactly; a name that is none's, or several's, is an error."""
        if names and not tool.targets_input:
            raise BadInput("request.invalid", f"{tool.name} has no target.")
        found = {mention.text: mention for mention in await self._inventory.resolve(tenant, list(names))}
        ids = []
        for name in names:
            mention = found.get(name)
            exact = [one for one in mention.matches if one.exact] if mention and mention.kind != "service" else []
            if len(exact) != 1:
                words = f"{len(exact)} assets of the inventory are called {name}; one has to be."
                raise BadInput("gate.no_target_matched", words)
            ids.append(exact[0].asset_id)
        return await self._inventory.assets(tenant, list(dict.fromkeys(ids))) if ids else ()

    def _inputs(
        self, tool: Tool, assets: Sequence[Asset], inputs: Mapping[str, Json]
    ) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The inputs in their declared types with defaults, and the required ones that are missing."""
        given = {key: spec["default"] for key, spec in tool.properties.items() if "default" in spec}
        given |= {key: _typed(value, tool.properties.get(key, {})) for key, value in inputs.items()}
        missing = tuple(key for key in tool.required if key not in given and key != tool.targets_input)
        faults = self._schemas.faults(tool.inputs_without_target, given)
        wrong = [fault for fault in faults if fault.path not in missing]
        if wrong:
            raise BadInput("request.invalid", f"The input {wrong[0].path or tool.name} {wrong[0].message}.")
        named = {tool.targets_input: assets[0].name} if len(assets) == 1 else {}
        return {**given, **named}, missing

    async def _context(self, catalogue: Catalogue, identity: Identity, channel: str) -> TurnContext:
        """A turn of this identity that says nothing."""
        tenant = identity.tenant
        settings = {"pack": catalogue.agent.settings, "tenant": await self._storage.tenant_settings(tenant)}
        return TurnContext(
            input=TurnInput(turn_id="", identity=identity, message="", channel=channel),
            tenant=tenant,
            session=Session(
                session_id="",
                tenant=tenant,
                agent=catalogue.agent.agent_id,
                customer_id=identity.identity_id,
                identity_id=identity.identity_id,
            ),
            customer_data=await self._storage.customer_data(tenant, identity.identity_id),
            fields=(),
            mask={},
            glossary=(),
            configuration={
                key: Configured(value=value, source=source)
                for source, layer in settings.items()
                for key, value in layer.items()
            },
            configuration_digest="",
            catalogue=catalogue,
            started_at="",
        )


def _typed(value: Json, spec: Mapping[str, Json]) -> Json:
    """A text from a command line as what the tool declares; one that is none stays text, and is a fault."""
    if not isinstance(value, str) or spec.get("type") not in _TYPED:
        return value
    try:
        read: Json = json.loads(value)
    except ValueError:
        return value
    return read
