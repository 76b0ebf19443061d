"""What an attempt needs to be read back, and from when on its far side does not act any more."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from opsconductor.domain.plan import planned_target
from opsconductor.ports.storage import StepJournal
from opsconductor.stages.e_execute.settling.proof import SENT_WITHIN_S, Attempted
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.executions import HOSTS, a_change, a_step

CHANGE = a_change()
ROW = StepJournal(intent=samples.intent(), result=None)


def tried(**changes: object) -> Attempted:
    usual = Attempted(
        tenant="default",
        execution_id="exec_1",
        step=a_step(CHANGE, HOSTS[0]),
        tool=CHANGE,
        target=planned_target(HOSTS[0]),
        asset=HOSTS[0],
        row=ROW,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_it_ends_when_everything_that_can_take_time_has_taken_it() -> None:
    """Sending 3 s, time-out 5 s, settling 1 s."""
    assert SENT_WITHIN_S == 3
    assert tried().ends == datetime.fromisoformat(samples.AT) + timedelta(seconds=9)


@pytest.mark.parametrize(
    ("changes", "can"),
    [
        ({}, True),
        ({"tool": None}, False),
        ({"tool": replace(CHANGE, probe=None)}, False),
        ({"tool": replace(CHANGE, digest="sha256:new")}, False),
        ({"asset": None}, False),
        ({"asset": replace(HOSTS[0], ip="192.0.2.7")}, False),
        ({"target": None, "asset": None}, True),
    ],
)
def test_it_is_read_back_with_the_same_tool_from_the_same_target_only(changes: dict[str, object], can: bool) -> None:
    assert tried(**changes).can_be_read_back is can
