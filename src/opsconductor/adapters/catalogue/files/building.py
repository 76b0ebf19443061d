"""From a declaration without faults to the catalogue that turns use. Nothing is checked here; all of it was."""

from collections.abc import Mapping
from typing import Any

from opsconductor.domain.catalogue import Agent, Catalogue, Criterion, Effect, Probe, RiskLevel, RiskRule, Tool, ToolRun
from opsconductor.domain.customer import CustomerDataField, Scope
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import GlossaryItem, Intent, Mode
from opsconductor.domain.rules import RelationKind, Relationship, Rule, RuleEffect, RuleScope
from opsconductor.domain.scenarios import Scenario, ScenarioStep, StepKind, ToolBinding, Transition

SHARES = ("act_confidence", "info_confidence", "close_intents")
"""Settings that are declared in thousandths, since what is hashed holds no fractions."""

Plain = Mapping[str, Any]
"""A declaration as it comes from the checker, or from JSON: its shape is known, its types are not."""


def build(declaration: Plain, digest: str, tool_digests: Mapping[str, str], places: Mapping[str, str]) -> Catalogue:
    """The catalogue of a declaration; `places` are the tools' files and lines, which have no part in any digest."""
    agent = declaration["agent"]
    tools = (_tool(data, tool_digests[data["name"]], places[data["name"]]) for data in declaration["tools"])
    return Catalogue(
        pack=agent["pack"],
        version=agent["version"],
        digest=digest,
        agent=_agent(agent),
        tools={tool.name: tool for tool in tools},
        rules=tuple(_rule(data) for data in declaration["rules"]),
        scenarios=tuple(_scenario(data) for data in declaration["scenarios"]),
        intents=tuple(_intent(data) for data in declaration["intents"]),
        glossary=tuple(_term(data) for data in declaration["glossary"]),
        customer_fields=tuple(_customer_field(data) for data in declaration["customer_fields"]),
        out_of_scope=tuple(declaration["out_of_scope"]),
    )


def _agent(data: Plain) -> Agent:
    settings: dict[str, Json] = {
        key: value / 1000 if key in SHARES else value for key, value in data["settings"].items()
    }
    return Agent(
        agent_id=data["agent_id"],
        name=data["name"],
        description=data["description"],
        greeting=data["greeting"],
        settings=settings,
    )


def _tool(data: Plain, digest: str, place: str) -> Tool:
    targets, probe = data["targets"], data["probe"]
    return Tool(
        name=data["name"],
        version=data["version"],
        description=data["description"],
        platforms=tuple(data["platforms"]),
        effect=Effect(data["effect"]),
        risk=RiskLevel(data["risk"]),
        connector=data["connector"],
        inputs=data["inputs"],
        run=_run(data["run"]),
        output=data["output"],
        estimate_s=data["estimate_ms"] / 1000,
        estimate=data.get("estimate", ""),
        timeout_class=data["timeout_class"],
        targets_input=targets.get("input", ""),
        max_targets=targets.get("max", 1),
        probe=_probe(probe) if probe else None,
        no_probe_reason=data["no_probe_reason"],
        preconditions=tuple(Criterion(**criterion) for criterion in data["preconditions"]),
        success=tuple(Criterion(**criterion) for criterion in data["success"]),
        undo=data["undo"].get("tool", ""),
        undo_inputs=data["undo"].get("inputs", {}),
        verify=data["verify"],
        **data["rollout"],
        retries=data["retries"],
        retry_pause_s=data["retry_pause_ms"] / 1000,
        on_failure=data["on_failure"],
        risk_rules=tuple(RiskRule(**{**rule, "risk": RiskLevel(rule["risk"])}) for rule in data["risk_rules"]),
        credential=data["credential"],
        redact=tuple(data["redact"]),
        examples=tuple(data["examples"]),
        answer=data["answer"],
        target_label=data["target_label"],
        outside_inventory_level=data["outside_inventory_level"],
        source=place,
        digest=digest,
    )


def _run(data: Plain) -> ToolRun:
    return ToolRun(
        argv=tuple(data.get("argv", ())),
        http=data.get("http", {}),
        builtin=data.get("builtin", ""),
        parse=data["parse"],
        ok_exits=tuple(data["ok_exits"]),
    )


def _probe(data: Plain) -> Probe:
    return Probe(run=_run(data["run"]), settle_s=data["settle_ms"] / 1000, done=data["done"], not_done=data["not_done"])


def _rule(data: Plain) -> Rule:
    relations = tuple(
        Relationship(source=data["rule_id"], kind=RelationKind(kind), target=target)
        for kind, targets in data["relations"].items()
        for target in targets
    )
    return Rule(
        **{
            **data,
            "scope": RuleScope(data["scope"]),
            "effect": RuleEffect(data["effect"]),
            "facets": {name: tuple(values) for name, values in data["facets"].items()},
            "relations": relations,
        }
    )


def _scenario(data: Plain) -> Scenario:
    return Scenario(
        **{
            **data,
            "intents": tuple(data["intents"]),
            "examples": tuple(data["examples"]),
            "steps": tuple(_step(step) for step in data["steps"]),
        }
    )


def _step(data: Plain) -> ScenarioStep:
    return ScenarioStep(
        step_id=data["step_id"],
        kind=StepKind(data["kind"]),
        text=data["text"],
        variable=data["variable"],
        binding=ToolBinding(**data["binding"]) if data["binding"] else None,
        transitions=tuple(Transition(**transition) for transition in data["transitions"]),
    )


def _intent(data: Plain) -> Intent:
    return Intent(
        **{
            **data,
            "mode": Mode(data["mode"]),
            "examples": tuple(data["examples"]),
            "tools": tuple(data["tools"]),
        }
    )


def _term(data: Plain) -> GlossaryItem:
    return GlossaryItem(**{**data, "aliases": tuple(data["aliases"])})


def _customer_field(data: Plain) -> CustomerDataField:
    return CustomerDataField(**{**data, "scope": Scope(data["scope"]), "examples": tuple(data["examples"])})
