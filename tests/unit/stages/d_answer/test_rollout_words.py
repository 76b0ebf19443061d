"""The person who decides is told how a step goes about its targets and about failure."""

from typing import Any

import pytest

from opsconductor.domain.claims import claims_left, without
from opsconductor.stages.d_answer.rollout_words import rollout_facts
from opsconductor.testing.executions import HOSTS, a_change, a_step


@pytest.mark.parametrize(
    ("hosts", "step", "words"),
    [
        (1, {}, ""),
        (2, {"canary": 1}, "First app-01 alone, then the rest."),
        (3, {"canary": 1, "batch": 2}, "First app-01 alone, then 2 at a time."),
        (3, {"canary": 2}, "First app-01 and app-02 alone, then the rest."),
        (3, {"batch": 2}, "At most 2 at a time."),
        (2, {"verify": "look"}, "After that look looks whether each part is well."),
        (1, {"verify": "look"}, "After that look looks whether it is well."),
        (1, {"retries": 3}, "Tried again up to 3 times when it fails."),
        (1, {"on_failure": "undo", "undo": "back"}, "When something fails, back takes back what was changed."),
        (1, {"on_failure": "stop", "undo": "back"}, ""),
        (2, {"on_failure": "continue"}, "When something fails, the others still go on."),
    ],
)
def test_what_is_special_about_a_step_is_said_and_proven(hosts: int, step: dict[str, Any], words: str) -> None:
    text, evidence = rollout_facts(a_step(a_change(), *HOSTS[:hosts], **step), 0)
    assert text == words
    names = [host.name for host in HOSTS]
    assert claims_left(without(text, [*names, *(item.claim for item in evidence)])) == ()
    assert all(item.path.startswith("steps.0.") for item in evidence)
