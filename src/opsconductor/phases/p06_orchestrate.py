"""P6 orchestrate: starts, continues, pauses or cancels scenarios, and skips what is already known.

reads: scenario and intent lanes, applied rules, the session's instances, resolved entities
writes: nothing; the instances travel to P11
"""

from collections.abc import Mapping
from dataclasses import replace

from opsconductor.domain.json_value import Json
from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.rules import RuleEffect, SelectedRules
from opsconductor.domain.scenarios import (
    Orchestration,
    Scenario,
    ScenarioInstance,
    ScenarioStep,
    StepKind,
    ToolBinding,
)
from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import CustomerUpdate, Trigger, TurnContext
from opsconductor.ports.ids import Ids

MAX_VISITS = 3
END = "end"


class Orchestrate:
    """Advances at most one scenario a turn."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    async def run(
        self,
        context: TurnContext,
        snapshot: SituationalSnapshot,
        customer: CustomerUpdate,
        rules: SelectedRules,
        retrieved: RetrievalResults,
    ) -> Orchestration:
        """What the scenarios contribute to this turn; nothing for turns that no message opened."""
        instances = context.session.scenarios
        if context.input.trigger is not Trigger.MESSAGE:
            return Orchestration(instances=instances)
        if any(rule.effect is RuleEffect.DENY and not rule.condition for rule in rules.rules):
            return Orchestration(instances=instances, moves=("hold: a rule denies this request",))
        active = next((instance for instance in instances if instance.status == "active"), None)
        known = {scenario.scenario_id: scenario for scenario in context.catalogue.scenarios}
        if active is not None:
            return self._go_on(active, known, snapshot, customer, retrieved, instances)
        scenario = _to_start(known, retrieved)
        if scenario is None or customer.clarification is not None:
            return Orchestration(instances=instances)
        paused = next((one for one in instances if one.status == "paused" and _is_of(one, scenario)), None)
        if paused is not None:
            others = tuple(one for one in instances if one.instance_id != paused.instance_id)
            again = replace(paused, status="active")
            return _advance(again, scenario, customer, others, moves=(f"continue {scenario.scenario_id}",))
        started = ScenarioInstance(
            instance_id=self._ids.new("scen"),
            scenario_id=scenario.scenario_id,
            version=scenario.version,
            step_id=scenario.steps[0].step_id,
            status="active",
        )
        return _advance(started, scenario, customer, others=instances, moves=(f"start {scenario.scenario_id}",))

    def _go_on(
        self,
        active: ScenarioInstance,
        known: Mapping[str, Scenario],
        snapshot: SituationalSnapshot,
        customer: CustomerUpdate,
        retrieved: RetrievalResults,
        instances: tuple[ScenarioInstance, ...],
    ) -> Orchestration:
        others = tuple(instance for instance in instances if instance.instance_id != active.instance_id)
        scenario = known.get(active.scenario_id)
        if scenario is None or not _is_of(active, scenario):
            gone = replace(active, status="cancelled")
            return Orchestration(instances=(*others, gone), moves=(f"cancel {active.scenario_id}: it has changed",))
        if snapshot.signal == "cancel":
            stopped = replace(active, status="cancelled")
            return Orchestration(instances=(*others, stopped), moves=(f"cancel {active.scenario_id}: asked to",))
        if snapshot.signal == "pause" or _turns_away(active, scenario, customer, retrieved):
            paused = replace(active, status="paused")
            return Orchestration(instances=(*others, paused), moves=(f"pause {active.scenario_id}",))
        return _advance(active, scenario, customer, others, moves=(f"continue {active.scenario_id}",))


def _is_of(instance: ScenarioInstance, scenario: Scenario) -> bool:
    return (instance.scenario_id, instance.version) == (scenario.scenario_id, scenario.version)


def _to_start(known: Mapping[str, Scenario], retrieved: RetrievalResults) -> Scenario | None:
    """The scenario that both lanes point at: its intent leads, and it was itself retrieved."""
    if not retrieved.intents.items:
        return None
    leading = retrieved.intents.items[0].item.label
    for scored in retrieved.scenarios.items:
        if leading in scored.item.intents and scored.item.steps and scored.item.scenario_id in known:
            return scored.item
    return None


def _turns_away(
    active: ScenarioInstance, scenario: Scenario, customer: CustomerUpdate, retrieved: RetrievalResults
) -> bool:
    """The message neither answers the open question nor belongs to the scenario."""
    step = _step(scenario, active.step_id)
    answers = step is not None and any(entity.type == step.variable for entity in customer.entities)
    leading = retrieved.intents.items[0].item.label if retrieved.intents.items else ""
    return not answers and leading not in scenario.intents


def _advance(
    instance: ScenarioInstance,
    scenario: Scenario,
    customer: CustomerUpdate,
    others: tuple[ScenarioInstance, ...],
    moves: tuple[str, ...],
) -> Orchestration:
    """Walk the steps until one must ask, or an action is handed to P7."""
    variables: dict[str, Json] = dict(instance.variables)
    variables.update({entity.type: entity.value for entity in customer.entities if entity.match == "exact"})
    visits = dict(instance.visits)
    step = _step(scenario, instance.step_id)
    while step is not None:
        visits[step.step_id] = visits.get(step.step_id, 0) + 1
        current = replace(instance, step_id=step.step_id, variables=variables, visits=visits)
        if visits[step.step_id] > MAX_VISITS:
            stopped = replace(current, status="cancelled")
            return Orchestration(
                instances=(*others, stopped), moves=(*moves, f"cancel: {step.step_id} again and again")
            )
        if step.kind is StepKind.QUESTION and step.variable not in variables:
            return Orchestration(
                instances=(*others, current), moves=(*moves, f"ask {step.step_id}"), question=step.text
            )
        if step.kind is StepKind.QUESTION:
            moves = (*moves, f"skip {step.step_id}: known")
        if step.kind is StepKind.ACTION and step.binding is not None:
            return _act(current, scenario, step, step.binding, others, moves)
        step = _next(scenario, step)
    done = replace(instance, status="completed", variables=variables, visits=visits)
    return Orchestration(instances=(*others, done), moves=(*moves, f"complete {scenario.scenario_id}"))


def _act(
    instance: ScenarioInstance,
    scenario: Scenario,
    step: ScenarioStep,
    binding: ToolBinding,
    others: tuple[ScenarioInstance, ...],
    moves: tuple[str, ...],
) -> Orchestration:
    """Hand the action to P7 with the LOGIC step behind it, which P8 judges by this turn's results."""
    inputs = {
        name: instance.variables[variable]
        for name, variable in binding.variables.items()
        if variable in instance.variables
    }
    following = _next(scenario, step)
    follow_ups = (following,) if following is not None and following.kind is StepKind.LOGIC else ()
    done = replace(instance, status="completed")
    return Orchestration(
        instances=(*others, done),
        moves=(*moves, f"run {step.step_id}", f"complete {scenario.scenario_id}"),
        bindings=(binding,),
        inputs=inputs,
        follow_ups=follow_ups,
    )


def _step(scenario: Scenario, step_id: str) -> ScenarioStep | None:
    return next((step for step in scenario.steps if step.step_id == step_id), None)


def _next(scenario: Scenario, step: ScenarioStep) -> ScenarioStep | None:
    """The unconditional transition's target, or the step that stands below; None at the end."""
    for transition in sorted(step.transitions, key=lambda item: -item.priority):
        if not transition.condition:
            return None if transition.target == END else _step(scenario, transition.target)
    ids = [item.step_id for item in scenario.steps]
    index = ids.index(step.step_id) + 1
    return scenario.steps[index] if index < len(ids) else None
