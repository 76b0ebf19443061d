"""Scenarios start, go on, pause and end; what is known is not asked, and none goes round for ever."""

from dataclasses import replace

import pytest

from opsconductor.domain.decision import Clarification
from opsconductor.domain.entities import Entity
from opsconductor.domain.retrieval import LaneResult, RetrievalResults, Scored
from opsconductor.domain.rules import Rule, RuleEffect, RuleScope, SelectedRules
from opsconductor.domain.scenarios import (
    Orchestration,
    Scenario,
    ScenarioInstance,
    ScenarioStep,
    StepKind,
    ToolBinding,
    Transition,
)
from opsconductor.domain.turn import CustomerUpdate, Trigger
from opsconductor.phases.p06_orchestrate import MAX_VISITS, Orchestrate
from opsconductor.testing.contracts.lanes import a_catalogue, an_intent
from opsconductor.testing.doubles.ids.counting import CountingIdsDouble
from opsconductor.testing.turns import a_context, a_host, a_session, a_snapshot, a_word, an_update

PROBLEM = "troubleshooting/service_problem"
ASK_SERVICE = ScenarioStep(step_id="ask-service", kind=StepKind.QUESTION, variable="service", text="Which service?")
ASK_HOST = ScenarioStep(step_id="ask-host", kind=StepKind.QUESTION, variable="host", text="On which host?")
LOOK = ScenarioStep(
    step_id="look",
    kind=StepKind.ACTION,
    binding=ToolBinding(tool="service-status", variables={"host": "host", "service": "service", "port": "port"}),
)
CONCLUDE = ScenarioStep(step_id="conclude", kind=StepKind.LOGIC, transitions=(Transition(target="end", text="Fine."),))
TRIAGE = Scenario(
    scenario_id="triage",
    version=1,
    title="",
    description="",
    intents=(PROBLEM,),
    steps=(ASK_SERVICE, ASK_HOST, LOOK, CONCLUDE),
)
ACTIVE = ScenarioInstance(
    instance_id="scen_1",
    scenario_id="triage",
    version=1,
    step_id="ask-host",
    status="active",
    variables={"service": "billing"},
    visits={"ask-host": 1},
)


def found(intent: str = PROBLEM, *scenarios: Scenario) -> RetrievalResults:
    return RetrievalResults(
        intents=LaneResult(items=(Scored(item=an_intent(intent), score=1.0),)) if intent else LaneResult(),
        scenarios=LaneResult(items=tuple(Scored(item=scenario, score=1.0) for scenario in scenarios or (TRIAGE,))),
    )


async def orchestrated(
    *entities: Entity,
    session: tuple[ScenarioInstance, ...] = (),
    retrieved: RetrievalResults | None = None,
    scenario: Scenario = TRIAGE,
    signal: str = "continue",
    rules: tuple[Rule, ...] = (),
    customer: CustomerUpdate | None = None,
    trigger: Trigger = Trigger.MESSAGE,
) -> Orchestration:
    context = a_context(
        "billing misbehaves",
        catalogue=a_catalogue(scenarios=(scenario,)),
        session=a_session(scenarios=session),
        trigger=trigger,
    )
    return await Orchestrate(CountingIdsDouble()).run(
        context,
        a_snapshot(signal=signal),
        customer or an_update(*entities),
        SelectedRules(rules=rules),
        retrieved or found(PROBLEM, scenario),
    )


async def test_a_scenario_starts_and_asks_what_is_not_known() -> None:
    made = await orchestrated(a_word("service", "billing"))
    assert made.question == "On which host?"
    assert made.moves == ("start triage", "skip ask-service: known", "ask ask-host")
    (instance,) = made.instances
    assert (instance.status, instance.step_id, instance.variables) == ("active", "ask-host", {"service": "billing"})
    assert made.bindings == ()


async def test_an_answer_goes_on_to_the_action_with_the_logic_behind_it() -> None:
    made = await orchestrated(a_host("app-01"), session=(ACTIVE,), retrieved=found(""))
    assert made.question == ""
    assert made.bindings == (LOOK.binding,)
    assert made.inputs == {"service": "billing", "host": "app-01"}
    assert made.follow_ups == (CONCLUDE,)
    assert made.instances[0].status == "completed"
    assert made.moves[0] == "continue triage"


@pytest.mark.parametrize(
    "retrieved",
    [
        found("information/asset_count"),
        found(""),
        found(PROBLEM, replace(TRIAGE, intents=("automation/other",))),
        found(PROBLEM, replace(TRIAGE, scenario_id="of-another-pack")),
        found(PROBLEM, replace(TRIAGE, steps=())),
        RetrievalResults(),
    ],
)
async def test_nothing_starts_unless_both_lanes_point_at_it(retrieved: RetrievalResults) -> None:
    assert await orchestrated(a_host("app-01"), retrieved=retrieved) == Orchestration()


async def test_an_open_question_about_the_target_comes_first() -> None:
    unclear = an_update(clarification=Clarification(question="Which app-01?"))
    assert await orchestrated(customer=unclear) == Orchestration()


@pytest.mark.parametrize(
    ("signal", "status", "move"),
    [("cancel", "cancelled", "cancel triage: asked to"), ("pause", "paused", "pause triage")],
)
async def test_signals_end_or_pause_it(signal: str, status: str, move: str) -> None:
    made = await orchestrated(a_host("app-01"), session=(ACTIVE,), signal=signal)
    assert (made.instances[0].status, made.moves, made.bindings) == (status, (move,), ())


async def test_turning_to_something_else_pauses_it() -> None:
    made = await orchestrated(a_word("number", "6"), session=(ACTIVE,), retrieved=found("information/asset_count"))
    assert made.instances[0].status == "paused"
    assert made.question == ""


async def test_a_scenario_that_changed_or_is_gone_is_cancelled() -> None:
    for scenario in (replace(TRIAGE, version=2), replace(TRIAGE, scenario_id="other")):
        made = await orchestrated(a_host("app-01"), session=(ACTIVE,), scenario=scenario)
        assert made.instances[0].status == "cancelled"
        assert made.moves == ("cancel triage: it has changed",)


async def test_asking_the_same_again_and_again_ends() -> None:
    instances: tuple[ScenarioInstance, ...] = ()
    questions = []
    for _ in range(MAX_VISITS + 1):
        made = await orchestrated(session=instances)
        instances = made.instances
        questions.append(made.question)
    assert questions == ["Which service?"] * MAX_VISITS + [""]
    assert instances[0].status == "cancelled"


async def test_a_circle_of_steps_ends() -> None:
    loop = ScenarioStep(step_id="b", kind=StepKind.LOGIC, transitions=(Transition(target="a"),))
    circle = replace(TRIAGE, steps=(replace(loop, step_id="a", transitions=(Transition(target="b"),)), loop))
    made = await orchestrated(scenario=circle)
    assert made.instances[0].status == "cancelled"


async def test_transitions_lead_by_priority_and_end_completes() -> None:
    fork = ScenarioStep(
        step_id="fork",
        kind=StepKind.LOGIC,
        transitions=(
            Transition(target="ask-service", priority=1),
            Transition(target="ask-host", priority=2),
            Transition(target="end", priority=9, condition="output.x"),
        ),
    )
    made = await orchestrated(scenario=replace(TRIAGE, steps=(fork, ASK_SERVICE, ASK_HOST)))
    assert made.question == "On which host?"
    ended = replace(fork, transitions=(Transition(target="end"),))
    made = await orchestrated(scenario=replace(TRIAGE, steps=(ended, ASK_SERVICE)))
    assert made.instances[0].status == "completed"
    assert made.moves == ("start triage", "complete triage")


async def test_a_near_spelling_answers_nothing() -> None:
    near = replace(a_host("app-01"), match="fuzzy")
    made = await orchestrated(near, session=(ACTIVE,))
    assert made.question == "On which host?"


def deny(condition: str) -> Rule:
    return Rule(
        rule_id="R-1",
        title="",
        description="",
        scope=RuleScope.GLOBAL,
        effect=RuleEffect.DENY,
        hard=True,
        condition=condition,
    )


@pytest.mark.parametrize(("condition", "held"), [("", True), ("plan.targets > 5", False)])
async def test_a_rule_that_denies_everything_holds_it(condition: str, held: bool) -> None:
    made = await orchestrated(a_word("service", "billing"), rules=(deny(condition),))
    assert (made.moves == ("hold: a rule denies this request",)) is held


@pytest.mark.parametrize("trigger", [Trigger.APPROVAL, Trigger.JOB_FINISHED])
async def test_turns_that_no_message_opened_change_nothing(trigger: Trigger) -> None:
    made = await orchestrated(a_host("app-01"), session=(ACTIVE,), trigger=trigger)
    assert made == Orchestration(instances=(ACTIVE,))


async def test_a_paused_one_goes_on_where_it_was() -> None:
    paused = replace(ACTIVE, status="paused")
    made = await orchestrated(a_host("app-01"), session=(paused,))
    assert made.moves[0] == "continue triage"
    assert made.inputs == {"service": "billing", "host": "app-01"}
    assert [instance.instance_id for instance in made.instances] == ["scen_1"]
    changed = await orchestrated(a_host("app-01"), session=(replace(paused, version=7),))
    assert changed.moves[0] == "start triage"


async def test_other_instances_stay() -> None:
    paused = replace(ACTIVE, instance_id="scen_0", status="paused")
    made = await orchestrated(a_host("app-01"), session=(paused, ACTIVE))
    assert made.instances[0] == paused
