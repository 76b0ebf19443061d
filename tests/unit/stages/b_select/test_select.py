from dataclasses import replace
from typing import Any

import pytest

from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.domain.assets import FILTER_FIELDS
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.decision import Clarification, DecisionV1, IntentGuess
from opsconductor.domain.entities import Entity
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration, Scenario, ScenarioStep, StepKind, ToolBinding
from opsconductor.domain.selection import SelectionV1
from opsconductor.stages.b_select.select import Select
from opsconductor.testing.contracts.lanes import a_catalogue, an_intent
from opsconductor.testing.doubles.ids.counting import CountingIdsDouble
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.turns import a_context, a_host, a_tool, a_word, an_asset_match, an_update, object_schema

HOST = {"type": "string", "x-entity": "host"}
SERVICE = {"type": "string", "x-entity": "service"}
TOOLS = (
    a_tool(
        "asset-service-query",
        platforms=(),
        targets_input="",
        inputs=object_schema(
            *("filters", "group_by"),
            query_type={"type": "string", "enum": ["count", "list", "show", "search", "group"]},
            filters={"type": "object", "properties": {field: {} for field in FILTER_FIELDS}},
            group_by={"type": "string", "enum": ["type", "role", "site"]},
        ),
    ),
    a_tool("disk-usage", max_targets=50),
    a_tool("host-reachable", platforms=("linux", "windows", "network")),
    a_tool("service-status", inputs=object_schema(host=HOST, service=SERVICE), max_targets=50),
    a_tool("service-restart", inputs=object_schema(host=HOST, service=SERVICE), effect=Effect.IDEMPOTENT),
    a_tool("service-reload", inputs=object_schema(host=HOST, service=SERVICE), effect=Effect.COMPENSATABLE),
)
STATUS = ToolBinding(tool="service-status", variables={"host": "host", "service": "service"})
CATALOGUE = a_catalogue(
    tools={tool.name: tool for tool in TOOLS},
    intents=(
        an_intent("information/asset_count", tools=("asset-service-query",)),
        an_intent("monitoring/disk_usage", tools=("disk-usage",)),
        an_intent("monitoring/health", tools=("host-reachable", "disk-usage")),
        an_intent("automation/service_restart", tools=("service-restart",), mode=Mode.ACT),
        an_intent("automation/service_refresh", tools=("service-reload", "service-restart"), mode=Mode.ACT),
        an_intent("troubleshooting/service_problem", tools=("disk-usage",)),
        an_intent("information/help"),
    ),
    scenarios=(
        Scenario(
            scenario_id="triage",
            version=1,
            title="",
            description="",
            intents=("troubleshooting/service_problem",),
            steps=(ScenarioStep(step_id="look", kind=StepKind.ACTION, binding=STATUS),),
        ),
    ),
)
BILLING = a_word("service", "billing")


async def select(
    label: str,
    text: str,
    *entities: Entity,
    inventory: InMemoryInventoryDouble | None = None,
    orchestration: Orchestration | None = None,
    **changes: Any,
) -> SelectionV1:
    category, _, action = label.partition("/")
    decision = DecisionV1(
        decision_id="dec_1",
        mode=Mode.INFO,
        intent=IntentGuess(category=category, action=action, confidence=0.9),
        entities=entities,
        overall_confidence=0.9,
        confidence_level="high",
        request=text,
    )
    stage = Select(CountingIdsDouble(), JsonSchemas(), inventory or InMemoryInventoryDouble())
    return await stage.run(
        a_context(text, catalogue=CATALOGUE),
        replace(decision, **changes),
        an_update(*entities),
        SelectedRules(),
        orchestration or Orchestration(),
    )


async def test_a_count_is_ready_without_asking_the_inventory_for_its_words() -> None:
    inventory = InMemoryInventoryDouble()
    inventory.down = True
    found = await select("information/asset_count", "How many assets do we have?", inventory=inventory)
    assert found.ready
    assert [(tool.name, tool.inputs, tool.targets) for tool in found.tools] == [
        ("asset-service-query", {"query_type": "count"}, ())
    ]
    assert not found.requires_approval


async def test_a_count_by_what_is_said() -> None:
    found = await select("information/asset_count", "how many windows machines by site", a_word("os", "windows"))
    assert found.tools[0].inputs == {
        "query_type": "count",
        "filters": {"platform": "windows"},
        "group_by": "site",
    }


async def test_a_selection_the_inventory_cannot_make_is_refused_and_not_answered_about_all() -> None:
    found = await select("information/asset_count", "computers tagged finance", a_word("tag", "finance"))
    assert not found.ready
    assert found.tools == ()
    assert found.explanation == "asset-service-query cannot select by tag."
    assert found.refusal_code == "scope.no_tool"


async def test_an_order_is_ready_with_target_inputs_and_policy() -> None:
    found = await select("automation/service_restart", "restart billing on app-01", BILLING, a_host("app-01"))
    (tool,) = found.tools
    assert found.ready
    assert (tool.inputs, tool.targets) == ({"service": "billing", "host": "app-01"}, ("asset_app-01",))
    assert found.requires_approval
    assert found.policy is not None
    assert (found.policy.approval_level, found.policy.environment, found.policy.rights) == (1, "staging", ("change",))


async def test_the_platform_filter_comes_from_the_assets_system() -> None:
    found = await select("monitoring/disk_usage", "how full is WS-01", a_host("WS-01", platform="windows"))
    assert not found.ready
    assert found.tools == ()
    assert found.explanation == "disk-usage works on linux; WS-01 runs windows."
    assert [(one.name, one.reason) for one in found.alternatives] == [("disk-usage", found.explanation)]


async def test_another_tool_of_the_intent_serves_where_the_first_cannot() -> None:
    found = await select("monitoring/health", "how is WS-01", a_host("WS-01", platform="windows"))
    assert [tool.name for tool in found.tools] == ["host-reachable"]
    assert found.alternatives[0].reason == "disk-usage works on linux; WS-01 runs windows."
    assert "Also considered: disk-usage" in found.explanation


async def test_a_group_becomes_targets() -> None:
    found = await select(
        "monitoring/disk_usage", "disk usage of every host in staging", a_word("environment", "staging")
    )
    assert found.tools[0].targets == ("asset_app-01", "asset_app-02")


async def test_an_empty_group_has_no_targets_and_says_so() -> None:
    found = await select("monitoring/disk_usage", "disk usage of all hosts in qa", a_word("environment", "qa"))
    assert not found.ready
    assert found.tools == ()
    assert found.refusal_code == "gate.no_target_matched"
    assert "environment qa" in found.explanation


async def test_a_missing_host_is_one_question_with_choices() -> None:
    found = await select("monitoring/disk_usage", "how full is the disk")
    assert not found.ready
    assert [parameter.name for parameter in found.missing_params] == ["host"]
    assert found.clarification is not None
    assert found.clarification.options == ("app-01", "app-02", "web-01", "db-01")
    assert found.tools[0].missing == ("host",)


async def test_a_service_on_two_hosts_asks_before_a_change() -> None:
    twice = replace(BILLING, matches=(an_asset_match("app-01"), an_asset_match("app-02")))
    found = await select("automation/service_restart", "restart billing", twice)
    assert found.clarification is not None
    assert found.clarification.options == ("app-01", "app-02")


async def test_a_near_or_unknown_host_never_becomes_a_target() -> None:
    near = replace(a_host("app-01"), match="fuzzy")
    found = await select("automation/service_restart", "restart billing on app-1", BILLING, near)
    assert not found.ready
    assert found.tools[0].targets == ()


async def test_tools_that_do_different_things_and_fit_alike_are_one_question() -> None:
    order = ("automation/service_refresh", "refresh billing on app-01", BILLING, a_host("app-01"))
    found = await select(*order)
    assert not found.ready
    assert found.clarification is not None
    assert found.clarification.options == ("service-reload", "service-restart")
    assert [one.name for one in found.alternatives] == ["service-reload", "service-restart"]
    answered = await select(order[0], order[1] + " service-restart", *order[2:])
    assert [tool.name for tool in answered.tools] == ["service-restart"]
    assert answered.ready


async def test_an_intent_without_a_tool_is_told_so() -> None:
    found = await select("information/help", "help")
    assert (found.ready, found.tools, found.refusal_code) == (False, (), "scope.no_tool")
    assert "information/help" in found.explanation


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"intent": None, "ends_as": "withdrawn"}, "taken back"),
        ({"intent": None, "ends_as": "not_understood"}, "do not understand"),
        ({"intent": None, "ends_as": "noted"}, "Values were stated"),
        ({"out_of_scope": True}, "Nothing was understood"),
    ],
)
async def test_nothing_is_selected_for_what_was_not_decided(changes: dict[str, Any], words: str) -> None:
    found = await select("automation/service_restart", "never mind", BILLING, a_host("app-01"), **changes)
    assert not found.ready
    assert found.tools == ()
    assert words in found.explanation


async def test_what_the_tool_does_not_take_is_told() -> None:
    path = a_word("file_path", "/var")
    found = await select("monitoring/disk_usage", "how full is /var on app-01", a_host("app-01"), path)
    assert found.ready
    assert found.limitations == ("disk-usage takes no file path: /var was not looked at.",)


async def test_an_open_question_of_stage_a_stays_open() -> None:
    question = Clarification(question="Which host?", reason="unknown_target")
    found = await select("automation/service_restart", "restart billing", BILLING, clarification=question)
    assert (found.ready, found.clarification) == (False, question)


async def test_a_scenarios_tool_comes_first_with_its_variables() -> None:
    orchestration = Orchestration(
        bindings=(STATUS,), inputs={"host": "app-01", "service": "billing"}, moves=("run look",)
    )
    found = await select("troubleshooting/service_problem", "billing is broken", BILLING, orchestration=orchestration)
    (tool,) = found.tools
    assert (tool.name, tool.inputs, tool.targets) == (
        "service-status",
        {"service": "billing", "host": "app-01"},
        ("asset_app-01",),
    )
    assert tool.reason == "run look"
    assert found.ready


async def test_a_scenarios_tool_is_filtered_like_any_other() -> None:
    orchestration = Orchestration(bindings=(STATUS,), inputs={"host": "WS-01", "service": "billing"})
    found = await select("troubleshooting/service_problem", "billing is broken", orchestration=orchestration)
    assert (found.ready, found.tools) == (False, ())
    assert found.explanation == "service-status works on linux; WS-01 runs windows."
    gone = replace(STATUS, tool="gone")
    catalogue_without = Orchestration(bindings=(gone,))
    assert (await select("information/help", "x", orchestration=catalogue_without)).tools == ()


async def test_a_group_cannot_be_looked_up_without_the_inventory() -> None:
    inventory = InMemoryInventoryDouble()
    inventory.down = True
    with pytest.raises(Unavailable):
        await select(
            "monitoring/disk_usage", "every host in staging", a_word("environment", "staging"), inventory=inventory
        )
