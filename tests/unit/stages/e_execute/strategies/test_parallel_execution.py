"""A step begins as soon as all that it depends on has ended, and not before."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.errors import BadInput
from opsconductor.domain.plan import PlanStep
from opsconductor.stages.e_execute.strategies.parallel_execution import execute_parallel
from opsconductor.testing.executions import a_read, a_step

READ = a_read()


def graph(**depends_on: str) -> list[PlanStep]:
    return [a_step(READ, step_id=name, depends_on=tuple(others)) for name, others in depends_on.items()]


class Log:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.running: set[str] = set()
        self.most = 0

    async def run(self, step: PlanStep) -> None:
        self.told.append(f"+{step.step_id}")
        self.running.add(step.step_id)
        self.most = max(self.most, len(self.running))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.running.discard(step.step_id)
        self.told.append(f"-{step.step_id}")


async def test_a_then_b_and_c_together_then_d() -> None:
    log = Log()
    await execute_parallel(graph(a="", b="a", c="a", d="bc"), log.run)
    assert log.told[:2] == ["+a", "-a"]
    assert set(log.told[2:4]) == {"+b", "+c"}
    assert log.told[-2:] == ["+d", "-d"]


@given(st.lists(st.sets(st.integers(0, 7)), max_size=8), st.integers(1, 4))
def test_every_step_runs_once_after_its_dependencies_within_the_bound(edges: list[set[int]], at_once: int) -> None:
    names = "abcdefgh"
    plan = graph(
        **{names[number]: "".join(names[one] for one in others if one < number) for number, others in enumerate(edges)}
    )
    log = Log()
    asyncio.run(execute_parallel(plan, log.run, at_once))
    assert sorted(entry for entry in log.told if entry[0] == "+") == [f"+{step.step_id}" for step in plan]
    assert log.most <= at_once
    for step in plan:
        assert all(log.told.index(f"-{name}") < log.told.index(f"+{step.step_id}") for name in step.depends_on)


async def test_what_is_not_among_the_steps_is_not_waited_for() -> None:
    log = Log()
    await execute_parallel(graph(b="a"), log.run)
    assert log.told == ["+b", "-b"]


async def test_a_circle_is_refused_before_anything_is_run() -> None:
    log = Log()
    with pytest.raises(BadInput):
        await execute_parallel(graph(a="", b="c", c="b"), log.run)
    assert log.told == []
