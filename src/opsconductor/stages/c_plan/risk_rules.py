"""What a tool's own rules say of one call: a rule that holds raises the risk, and so does one that cannot be judged."""

from collections.abc import Mapping, Sequence

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue, RiskLevel, RiskRule, Tool
from opsconductor.domain.json_value import Json
from opsconductor.domain.risk import RiskPart, highest, is_production, risk_parts
from opsconductor.ports.expressions import Expressions


async def rule_parts(
    expressions: Expressions, tool: Tool, inputs: Mapping[str, Json], targets: Sequence[Asset]
) -> tuple[RiskPart, ...]:
    """The parts that the rules of `tool` add to a call with `inputs` on `targets`; each rule once at most."""
    found = [await _part(expressions, rule, tool, inputs, targets) for rule in tool.risk_rules]
    return tuple(part for part in found if part is not None)


def undo_parts(catalogue: Catalogue, tool: Tool) -> tuple[RiskPart, ...]:
    """What a step's own undo adds, since approving the step allows its undo; one that is not there is critical."""
    if not tool.undo:
        return ()
    undo = catalogue.tools.get(tool.undo)
    if undo is None:
        return (RiskPart(source="undo", risk=RiskLevel.CRITICAL, because=f"its undo {tool.undo} does not exist"),)
    risk = highest(risk_parts(undo.effect, undo.risk))
    return (RiskPart(source="undo", risk=risk, because=f"its undo {undo.name} is {undo.effect.value}"),)


def rule_target(asset: Asset) -> dict[str, Json]:
    """What a rule may know of a target."""
    return {
        "name": asset.name,
        "type": asset.type,
        "platform": asset.platform,
        "environment": asset.environment,
        "production": is_production(asset.environment),
        "role": asset.role,
        "criticality": asset.criticality,
        "services": [service.name for service in asset.services],
        "connector": asset.connection.get("connector"),
    }


async def _part(
    expressions: Expressions, rule: RiskRule, tool: Tool, inputs: Mapping[str, Json], targets: Sequence[Asset]
) -> RiskPart | None:
    for asset in targets or (None,):
        names: dict[str, Json] = {"input": dict(inputs)}
        if asset is not None:
            names = {"input": {**inputs, tool.targets_input: asset.name}, "target": rule_target(asset)}
        evaluation = await expressions.evaluate(rule.when, names)
        if evaluation.value is False:
            continue
        why = evaluation.missing or evaluation.fault
        unjudged = "" if evaluation.holds else f" (could not be judged{f': {why}' if why else ''})"
        return RiskPart(source="rule", risk=rule.risk, because=f"{tool.name}: {rule.because}{unjudged}")
    return None
