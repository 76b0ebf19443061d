"""Every target stands in exactly one part: the canary's first, then batches of the declared size."""

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.plan import READS_AT_ONCE, PlannedTarget
from opsconductor.stages.e_execute.steps.rollout import at_once, parts_of, targets_of
from opsconductor.testing.executions import a_change, a_read, a_step


def targets(count: int) -> tuple[PlannedTarget, ...]:
    return tuple(PlannedTarget(asset_id=f"a{number}", name=f"host-{number}") for number in range(count))


@given(st.integers(1, 40), st.integers(0, 45), st.integers(0, 12))
def test_every_target_is_in_one_part_and_none_is_too_large(count: int, canary: int, batch: int) -> None:
    step = a_step(a_change(), targets=targets(count), canary=canary, batch=batch)
    parts = parts_of(step)
    assert targets_of(parts) == step.targets
    assert all(parts)
    rest = parts
    if canary:
        assert len(parts[0]) == min(canary, count)
        rest = parts[1:]
    assert not batch or all(len(part) <= batch for part in rest)


def test_a_canary_then_batches_then_the_rest() -> None:
    step = a_step(a_change(), targets=targets(6), canary=1, batch=2)
    assert [[target.name for target in part if target] for part in parts_of(step)] == [
        ["host-0"],
        ["host-1", "host-2"],
        ["host-3", "host-4"],
        ["host-5"],
    ]


def test_without_canary_or_batch_it_is_one_part() -> None:
    assert parts_of(a_step(a_change(), targets=targets(3))) == (targets(3),)
    assert parts_of(a_step(a_change())) == ((None,),)


def test_changes_go_one_by_one_and_reads_together_unless_the_step_says_otherwise() -> None:
    assert at_once(a_step(a_change())) == 1
    assert at_once(a_step(a_change(), concurrency=4)) == 4
    assert at_once(a_step(a_read())) == READS_AT_ONCE
    assert at_once(a_step(a_read(), concurrency=3)) == 3
