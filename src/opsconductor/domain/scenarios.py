"""Scenarios (runbooks): their steps, transitions and the instances a session holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opsconductor.domain.json_value import Json


class StepKind(StrEnum):
    """What a scenario step does."""

    QUESTION = "QUESTION"  # ask for `variable` unless it is known
    ACTION = "ACTION"  # run `tool` through the gate like any other plan
    LOGIC = "LOGIC"  # choose a transition by the action's `output`; say its text


@dataclass(frozen=True, kw_only=True)
class Transition:
    """To `target` ("end" completes) when `condition` (CEL over the variables) holds; higher priority first."""

    target: str
    condition: str = ""
    priority: int = 0
    text: str = ""  # said when taken; `{name}` stands for a scenario variable or `{output.field}`


@dataclass(frozen=True, kw_only=True)
class ToolBinding:
    """A tool a step calls, with the scenario variables it takes as inputs."""

    tool: str
    when: str = "DURING"  # BEFORE | DURING | AFTER
    variables: Mapping[str, str] = field(default_factory=dict)  # tool input → scenario variable


@dataclass(frozen=True, kw_only=True)
class ScenarioStep:
    """One step of a scenario."""

    step_id: str
    kind: StepKind
    text: str = ""  # question, or what is told
    variable: str = ""  # what a QUESTION asks for
    binding: ToolBinding | None = None
    transitions: tuple[Transition, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One scenario as the pack declares it; the first step is where it starts."""

    scenario_id: str
    version: int
    title: str
    description: str
    intents: tuple[str, ...]  # `category/action` that start it
    examples: tuple[str, ...] = ()
    steps: tuple[ScenarioStep, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScenarioInstance:
    """A scenario under way in a session."""

    instance_id: str
    scenario_id: str
    version: int
    step_id: str
    status: str  # active | paused | completed | cancelled
    variables: Mapping[str, Json] = field(default_factory=dict)
    visits: Mapping[str, int] = field(default_factory=dict)  # step → times entered: the loop guard


@dataclass(frozen=True, kw_only=True)
class Orchestration:
    """P6's result: what the scenarios contribute to this turn."""

    instances: tuple[ScenarioInstance, ...] = ()
    moves: tuple[str, ...] = ()  # "start triage-service", "skip ask-host (known)", "complete triage-service"
    question: str = ""  # what a QUESTION step asks now
    follow_ups: tuple[ScenarioStep, ...] = ()  # LOGIC steps that wait for this turn's results
    bindings: tuple[ToolBinding, ...] = ()  # what ACTION steps want run
    inputs: Mapping[str, Json] = field(default_factory=dict)  # scenario variables for the bindings
