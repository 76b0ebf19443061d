from dataclasses import replace

import pytest

from opsconductor.domain.decision import DecisionV1, IntentGuess
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.scenarios import Orchestration, Scenario, ScenarioInstance, ScenarioStep, StepKind, ToolBinding
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.scenario_tools import bindings_in_force, reach_of
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.turns import a_context, a_host, a_session

AFTER, BEFORE = ToolBinding(tool="disk-usage", when="AFTER"), ToolBinding(tool="service-status", when="BEFORE")
TRIAGE = Scenario(
    scenario_id="triage",
    version=1,
    title="Triage",
    description="",
    intents=("troubleshooting/service_problem",),
    steps=tuple(ScenarioStep(step_id=one.tool, kind=StepKind.ACTION, binding=one) for one in (AFTER, BEFORE)),
)
CATALOGUE = a_catalogue(scenarios=(TRIAGE,))
WANTED = Orchestration(bindings=(AFTER, BEFORE))


def decision(label: str = "troubleshooting/service_problem") -> DecisionV1:
    category, _, action = label.partition("/")
    return DecisionV1(
        decision_id="dec_1",
        mode=Mode.INFO,
        intent=IntentGuess(category=category, action=action, confidence=0.9),
        entities=(),
        overall_confidence=0.9,
        confidence_level="high",
        request="",
    )


def test_a_scenario_of_the_decided_intent_runs_its_tools_in_order() -> None:
    found = bindings_in_force(a_context(catalogue=CATALOGUE), decision(), WANTED)
    assert [one.tool for one in found] == ["service-status", "disk-usage"]


def test_a_scenario_that_only_the_lane_started_does_not() -> None:
    context = a_context(catalogue=CATALOGUE)
    assert bindings_in_force(context, decision("automation/service_restart"), WANTED) == ()
    assert bindings_in_force(context, replace(decision(), out_of_scope=True), WANTED) == ()
    assert bindings_in_force(context, replace(decision(), intent=None), WANTED) == ()


@pytest.mark.parametrize(("status", "count"), [("active", 2), ("paused", 0)])
def test_a_scenario_that_was_under_way_goes_on_whatever_the_words(status: str, count: int) -> None:
    instance = ScenarioInstance(instance_id="i", scenario_id="triage", version=1, step_id="ask", status=status)
    context = a_context(catalogue=CATALOGUE, session=a_session(scenarios=(instance,)))
    assert len(bindings_in_force(context, replace(decision(), intent=None), WANTED)) == count


async def test_a_scenario_variable_is_looked_up_as_a_host() -> None:
    inventory = InMemoryInventoryDouble()
    request = Request(text="", action="", entities=(a_host("app-02"),))
    assert (await reach_of("app-02", request, inventory, "default")).how == "named"
    assert inventory.asked == []
    found = await reach_of("APP-01", request, inventory, "default")
    assert [asset.name for asset in found.assets] == ["app-01"]
    for unknown in ("app-09", "billing", ""):
        assert (await reach_of(unknown, request, inventory, "default")).assets == ()
