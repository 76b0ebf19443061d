"""Which rules bear on a plan that an earlier turn froze: those in force for that turn, and every hard GLOBAL one."""

from collections.abc import Iterable

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.json_value import Json
from opsconductor.domain.rules import Rule, RuleEffect, RuleScope, RuleVerdict, SelectedRules, facets_match

_FACETS = ("environment", "type", "role", "platform", "os", "site", "owner", "status", "criticality")
_EFFECTS = (RuleEffect.DENY, RuleEffect.RAISE_LEVEL)


def standing_rules(catalogue: Catalogue, verdicts: Iterable[RuleVerdict], assets: Iterable[Asset]) -> SelectedRules:
    """The denying and raising rules to judge the plan by; `verdicts` are those of the turn that planned it."""
    kept = {verdict.rule_id for verdict in verdicts if verdict.kept}
    facets = _facets(tuple(assets))
    return SelectedRules(
        rules=tuple(
            rule
            for rule in catalogue.rules
            if rule.enabled and rule.effect in _EFFECTS and (rule.rule_id in kept or _always(rule, facets))
        )
    )


def _always(rule: Rule, facets: dict[str, Json]) -> bool:
    return rule.hard and rule.scope is RuleScope.GLOBAL and facets_match(rule.facets, facets)


def _facets(assets: tuple[Asset, ...]) -> dict[str, Json]:
    facets: dict[str, Json] = {name: [getattr(asset, name) for asset in assets] for name in _FACETS}
    return {**facets, "service": [service.name for asset in assets for service in asset.services]}
