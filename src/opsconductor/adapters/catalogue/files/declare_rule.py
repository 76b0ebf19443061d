"""`rules/*.yaml`: what is denied, raised, said or never said, and what bears on what."""

import re
from collections.abc import Mapping

from opsconductor.adapters.catalogue.files.items import Declaration, Item
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.domain.rules import RelationKind, RuleEffect, RuleScope

RULE_ID = re.compile(r"R-[a-z0-9]+(?:-[a-z0-9]+)*")
FACETS = ("environment", "type", "role", "platform", "os", "site", "owner", "status", "service", "criticality")
_OF_EFFECT: Mapping[str, str] = {
    RuleEffect.RAISE_LEVEL: "level",
    RuleEffect.MUST_SAY: "text",
    RuleEffect.MUST_NOT_SAY: "enforcement",
    RuleEffect.PREFER_TOOL: "tool",
}
"""Effect → the field it cannot do without. `text` may also word a denial."""


def declare_rule(fields: Fields) -> Item:
    """The rule's declaration; adds faults for what is wrong with it."""
    effect = fields.choice("effect", [effect.value for effect in RuleEffect], required=True)
    data: Declaration = {
        "rule_id": fields.name("id", RULE_ID, "R- and small letters, such as R-change-freeze"),
        "title": fields.text("title", required=True, longest=160),
        "description": fields.text("description", required=True),
        "scope": fields.choice("scope", [scope.value for scope in RuleScope], required=True),
        "effect": effect,
        "hard": fields.flag("hard", default=False),
        "enabled": fields.flag("enabled", default=True),
        "priority": fields.whole("priority", -1_000, 1_000, 0),
        "condition": fields.text("condition"),
        "facets": _facets(fields),
        "text": fields.text("text", longest=1_000),
        "level": fields.whole("level", 1, 3, 0) if fields.has("level") else 0,
        "tool": fields.text("tool"),
        "enforcement": fields.text("enforcement"),
        "on_missing": fields.choice("on_missing", ("pass", "fail"), default="fail"),
        "cooldown_turns": fields.whole("cooldown_turns", 0, 1_000, 0),
        "max_fires": fields.whole("max_fires", 0, 1_000, 0),
        "scenario": fields.text("scenario"),
        "relations": _relations(fields),
    }
    fields.finish()
    _check_effect(fields, effect)
    _check_scope(fields, data)
    return Item(name=str(data["rule_id"]), data=data, fields=fields)


def _facets(fields: Fields) -> Declaration:
    facets = fields.word_lists("facets")
    for name in facets:
        if name not in FACETS:
            fields.fault("facets", f"There is no facet {name!r}.", f"Use some of {', '.join(FACETS)}.")
    return {name: [*values] for name, values in facets.items()}


def _relations(fields: Fields) -> Declaration:
    relations = fields.word_lists("relations")
    for kind in relations:
        if kind not in list(RelationKind):
            fields.fault("relations", f"There is no relation {kind!r}.", f"Use some of {', '.join(RelationKind)}.")
    return {kind: [*targets] for kind, targets in relations.items() if kind in list(RelationKind)}


def _check_effect(fields: Fields, effect: str) -> None:
    """Each effect has its own field; one that nothing reads would be a silent mistake."""
    wanted = _OF_EFFECT.get(effect, "")
    if wanted and not fields.has(wanted):
        fields.fault("effect", f"A rule that does {effect} lacks {wanted}.", f"Add a line `{wanted}: …`.")
    if effect == RuleEffect.MUST_NOT_SAY and not fields.has("on_missing"):
        remedy = "Add `on_missing: fail`, or `pass` to let a reply through when a name is undefined."
        fields.fault("effect", "An enforcement does not say what an undefined name means.", remedy)
    for key in ("level", "text", "enforcement", "tool"):
        worded_denial = key == "text" and effect == RuleEffect.DENY
        if effect and fields.has(key) and key != wanted and not worded_denial:
            fields.fault(key, f"A rule that does {effect} does not use {key}.", f"Remove {key}.")
    if effect != RuleEffect.MUST_NOT_SAY and effect and fields.has("on_missing"):
        fields.fault("on_missing", f"A rule that does {effect} does not use on_missing.", "Remove it.")


def _check_scope(fields: Fields, data: Declaration) -> None:
    if data["scope"] == RuleScope.SCENARIO and not data["scenario"]:
        fields.fault("scope", "A SCENARIO rule names no scenario.", "Add `scenario: ID`.")
    if data["scope"] != RuleScope.SCENARIO and data["scenario"]:
        fields.fault("scenario", "Only a SCENARIO rule names a scenario.", "Remove it, or write `scope: SCENARIO`.")
    denies = data["effect"] in (RuleEffect.DENY, RuleEffect.RAISE_LEVEL)
    if data["hard"] and data["effect"] and not denies:
        fields.fault("hard", f"A rule that does {data['effect']} cannot be hard.", "Remove hard.")
    if data["hard"] and (data["cooldown_turns"] or data["max_fires"]):
        fields.fault("hard", "A hard rule rests at times.", "Remove cooldown_turns and max_fires.")
