"""The plans of the crash matrix, over the World's pack: each changing step's `mark` is its own step id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.plan import PlanStep, PlanV1
from opsconductor.testing.executions import HOSTS, a_plan, a_step
from opsconductor.testing.world.realm import REFUSE, UNDO

Script = tuple[tuple[str, str, tuple[str, ...]], ...]
"""How the World meets the plan: verb, mark, and behaviours one after the other; "" is the cell's own."""


@dataclass(frozen=True, kw_only=True)
class PlanKind:
    """One row of the matrix."""

    make: Callable[[Catalogue, bool], PlanV1]  # given whether its tools can be read back
    script: Script


def _step(catalogue: Catalogue, tool: str, probe: bool, place: int, *hosts: int, **changes: Any) -> PlanStep:
    found = catalogue.tools[tool if probe else f"{tool}-blind"]
    step = a_step(found, *(HOSTS[host] for host in hosts or (0,)), step_id=f"step_{place}", **changes)
    return replace(step, inputs={"mark": step.step_id}, connector=found.connector)


def _reading(catalogue: Catalogue, place: int, *hosts: int, **changes: Any) -> PlanStep:
    return _step(catalogue, "world-read", True, place, *hosts, **changes)


def _read(catalogue: Catalogue, probe: bool) -> PlanV1:
    # A read that somebody has to approve, as policy may demand.
    return a_plan(_reading(catalogue, 1, 0, 1, 2), approval_level=1)


def _restart(catalogue: Catalogue, probe: bool) -> PlanV1:
    return a_plan(_step(catalogue, "world-restart", probe, 1))


def _retried(catalogue: Catalogue, probe: bool) -> PlanV1:
    return a_plan(_step(catalogue, "world-restart", probe, 1, retries=1, retry_pause_ms=200))


def _three_steps(catalogue: Catalogue, probe: bool) -> PlanV1:
    steps = (
        _step(catalogue, "world-restart", probe, 1, 0),
        _step(catalogue, "world-deploy", probe, 2, 1, depends_on=("step_1",)),
        _step(catalogue, "world-restart", probe, 3, 2, depends_on=("step_2",)),
    )
    return a_plan(*steps, strategy="sequential")


def _parallel(catalogue: Catalogue, probe: bool) -> PlanV1:
    steps = (
        _step(catalogue, "world-restart", probe, 1, 0),
        _step(catalogue, "world-restart", probe, 2, 1, depends_on=("step_1",)),
        _step(catalogue, "world-deploy", probe, 3, 2, depends_on=("step_1",)),
        _step(catalogue, "world-restart", probe, 4, 0, depends_on=("step_2", "step_3")),
    )
    return a_plan(*steps, strategy="parallel")


def _with_undo(catalogue: Catalogue, probe: bool) -> PlanV1:
    taken_back: dict[str, Any] = {
        "on_failure": "undo",
        "undo": "world-undo" if probe else "world-undo-blind",
        "undo_inputs": {"mark": {"input": "mark"}},
    }
    steps = (
        _step(catalogue, "world-deploy", probe, 1, 0, **taken_back),
        _step(catalogue, "world-deploy", probe, 2, 1, depends_on=("step_1",), **taken_back),
    )
    return a_plan(*steps, strategy="sequential")


def _rollout(catalogue: Catalogue, probe: bool) -> PlanV1:
    rolled: dict[str, Any] = {"canary": 1, "batch": 2, "verify": "world-read"}
    return a_plan(_step(catalogue, "world-restart", probe, 1, 0, 1, 2, **rolled), canary=True)


def _own(*marks: int, verb: str = "restart") -> Script:
    return tuple((verb, f"step_{mark}", ("",)) for mark in marks)


PLANS: Mapping[str, PlanKind] = {
    "read": PlanKind(make=_read, script=()),
    "restart": PlanKind(make=_restart, script=_own(1)),
    "retried": PlanKind(make=_retried, script=(("restart", "step_1", (REFUSE, "")),)),
    "three steps": PlanKind(make=_three_steps, script=(*_own(1, 3), *_own(2, verb="deploy"))),
    "parallel": PlanKind(make=_parallel, script=(*_own(1, 2, 4), *_own(3, verb="deploy"))),
    "with undo": PlanKind(
        make=_with_undo,
        script=(*_own(1, verb="deploy"), ("deploy", "step_2", (REFUSE,)), (UNDO, "step_1", ("",))),
    ),
    "rollout": PlanKind(make=_rollout, script=_own(1)),
}
