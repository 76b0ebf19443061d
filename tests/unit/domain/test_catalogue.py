"""Risk levels are ordered; what turns ask of a catalogue is prepared once."""

from opsconductor.domain.catalogue import RiskLevel
from opsconductor.domain.rules import RuleEffect, RuleScope
from opsconductor.testing.contracts.lanes import a_catalogue, a_rule
from opsconductor.testing.turns import a_tool


def test_risk_rises_from_low_to_critical() -> None:
    ordered = sorted(RiskLevel, key=lambda level: level.rank)
    assert [level.value for level in ordered] == ["low", "medium", "high", "critical"]


def test_a_tool_tells_its_inputs() -> None:
    host, wait = {"type": "string"}, {"type": "integer"}
    inputs = {"type": "object", "required": ["host", "wait"], "properties": {"host": host, "wait": wait, "odd": True}}
    tool = a_tool("restart", inputs=inputs, targets_input="host")
    assert tool.properties == {"host": host, "wait": wait}
    assert tool.required == ("host", "wait")
    assert tool.inputs_without_target == {"type": "object", "required": ["wait"], "properties": {"wait": wait}}
    assert tool.inputs_without_target is tool.inputs_without_target
    plain = a_tool("count", inputs={}, targets_input="")
    assert (plain.properties, plain.required, plain.inputs_without_target) == ({}, (), plain.inputs)


def test_a_catalogue_finds_its_intents_and_rules() -> None:
    catalogue = a_catalogue()
    assert [catalogue.intents_by_label[intent.label] for intent in catalogue.intents] == list(catalogue.intents)
    assert [catalogue.rules_by_id[rule.rule_id] for rule in catalogue.rules] == list(catalogue.rules)


def test_every_reply_is_judged_by_the_enabled_global_rules_that_judge_replies() -> None:
    judging = {"scope": RuleScope.GLOBAL, "effect": RuleEffect.MUST_NOT_SAY, "enforcement": "true"}
    rules = (
        a_rule("R-1", "judges", **judging),
        a_rule("R-2", "is off", **judging, enabled=False),
        a_rule("R-3", "was not retrieved", **{**judging, "scope": RuleScope.AGENT}),
        a_rule("R-4", "has nothing to judge by", **{**judging, "enforcement": ""}),
        a_rule("R-5", "says something", **{**judging, "effect": RuleEffect.MUST_SAY}),
    )
    assert list(a_catalogue(rules=rules).always_enforced) == ["R-1"]
