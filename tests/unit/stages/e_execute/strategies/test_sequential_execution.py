"""One step after the other, none before what it depends on."""

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.plan import PlanStep
from opsconductor.stages.e_execute.strategies.sequential_execution import execute_sequential, in_order
from opsconductor.testing.executions import a_read, a_step

READ = a_read()


def steps(*depends_on: tuple[int, ...]) -> list[PlanStep]:
    return [
        a_step(READ, step_id=f"step_{number}", depends_on=tuple(f"step_{other}" for other in others))
        for number, others in enumerate(depends_on)
    ]


async def test_a_step_begins_when_the_one_before_has_ended() -> None:
    told: list[str] = []

    async def run(step: PlanStep) -> None:
        told.append(f"{step.step_id} begins")
        told.append(f"{step.step_id} ends")

    await execute_sequential(steps((), (), ()), run)
    assert told == [f"step_{number} {word}" for number in range(3) for word in ("begins", "ends")]


def test_the_plans_order_stands_but_for_what_has_to_come_first() -> None:
    assert [step.step_id for step in in_order(steps((2,), (), ()))] == ["step_1", "step_2", "step_0"]


@given(st.lists(st.sets(st.integers(0, 5)), max_size=6))
def test_every_step_comes_once_and_behind_what_it_can_come_behind(depends_on: list[set[int]]) -> None:
    downward = [tuple(other for other in others if other < number) for number, others in enumerate(depends_on)]
    ordered = in_order(list(reversed(steps(*downward))))
    places = {step.step_id: place for place, step in enumerate(ordered)}
    assert len(places) == len(depends_on)
    assert all(places[name] < places[step.step_id] for step in ordered for name in step.depends_on)


def test_a_circle_is_run_all_the_same() -> None:
    assert len(in_order(steps((1,), (0,)))) == 2  # the step runner refuses what depends on a step that has not run
