"""The machine over approvals: a short form always, at least ten thousand rules with --long."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.scenario.approvals_machine import ApprovalsMachine

SHORT = (30, 50)
LONG = (250, 60)  # 15,000 rules


@pytest.mark.timeout(1200)
def test_no_order_of_words_edits_cancels_and_time_starts_what_was_not_approved(request: pytest.FixtureRequest) -> None:
    examples, rules = LONG if request.config.getoption("--long", default=False) else SHORT
    run_state_machine_as_test(
        ApprovalsMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=rules,
            deadline=None,
            database=None,
            derandomize=examples == SHORT[0],
            suppress_health_check=list(HealthCheck),
        ),
    )
