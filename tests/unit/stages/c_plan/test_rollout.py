"""Parts, estimates and strategies of plans."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.catalogue import Effect
from opsconductor.domain.errors import BadInput
from opsconductor.domain.plan import PlanStep
from opsconductor.stages.c_plan.rollout import (
    batch_of,
    canary_of,
    concurrency_of,
    critical_path_ms,
    ordered,
    parts,
    strategy_of,
)
from opsconductor.testing.executions import HOSTS, a_change, a_read, a_step


@pytest.mark.parametrize(
    ("targets", "canary", "batch", "sizes"),
    [
        (0, 0, 0, (1,)),
        (1, 0, 0, (1,)),
        (5, 0, 0, (5,)),
        (5, 1, 0, (1, 4)),
        (5, 1, 2, (1, 2, 2)),
        (6, 1, 2, (1, 2, 2, 1)),
        (4, 0, 3, (3, 1)),
    ],
)
def test_a_step_reaches_its_targets_part_by_part(targets: int, canary: int, batch: int, sizes: tuple[int, ...]) -> None:
    assert parts(targets, canary, batch) == sizes


@given(st.integers(1, 300), st.integers(0, 50), st.integers(0, 50))
def test_every_target_is_in_exactly_one_part(targets: int, canary: int, batch: int) -> None:
    tool = a_change(canary=canary, batch=batch)
    sizes = parts(targets, canary_of(tool, targets), batch_of(tool, targets))
    assert sum(sizes) == targets
    assert all(sizes)


def test_a_canary_that_would_be_everybody_is_none() -> None:
    assert [canary_of(a_change(canary=2), count) for count in (1, 2, 3)] == [0, 0, 2]
    assert [batch_of(a_change(canary=1, batch=3), count) for count in (3, 4, 5)] == [0, 0, 3]


def steps(**waits: tuple[str, ...]) -> list[PlanStep]:
    return [a_step(a_read(), HOSTS[0], step_id=name, depends_on=waits[name], estimate_ms=1000) for name in waits]


def test_steps_come_after_all_they_wait_for() -> None:
    assert [step.step_id for step in ordered(steps(d=("b", "c"), b=("a",), c=("a",), a=()))][-1] == "d"
    for wrong in (steps(a=("b",), b=("a",)), steps(a=("z",))):
        with pytest.raises(BadInput) as error:
            ordered(wrong)
        assert error.value.code == "plan.invalid"


def test_a_diamond_runs_in_parallel_and_a_chain_in_turn() -> None:
    diamond = ordered(steps(a=(), b=("a",), c=("a",), d=("b", "c")))
    assert (strategy_of(diamond), critical_path_ms(diamond, "parallel")) == ("parallel", 3000)
    chain = ordered(steps(a=(), b=("a",), c=("b",)))
    assert (strategy_of(chain), critical_path_ms(chain, "sequential")) == ("sequential", 3000)
    assert strategy_of(ordered(steps(a=()))) == "simple"


def test_two_changes_of_one_target_never_run_side_by_side() -> None:
    one = a_step(a_change(), HOSTS[0], step_id="one")
    same, other = (a_step(a_change(), host, step_id="two") for host in HOSTS[:2])
    looks = a_step(a_read(), HOSTS[0], step_id="two")
    assert strategy_of([one, same]) == strategy_of([one, looks]) == "sequential"
    assert strategy_of([one, other]) == "parallel"
    assert strategy_of([looks, replace(looks, step_id="three")]) == "parallel"
    assert critical_path_ms([one, same], "sequential") == 2000


def test_reads_reach_several_targets_at_once() -> None:
    assert concurrency_of(a_read()) == 10
    assert concurrency_of(replace(a_change(), concurrency=0, effect=Effect.IDEMPOTENT)) == 1
