"""Replies without an execution say that nothing was run."""

import pytest

from opsconductor.domain.json_value import Json
from opsconductor.stages.d_answer.wording import info_facts, question_facts, refusal_facts


@pytest.mark.parametrize("words", ["", "You may not.", "The policy forbids it, so nothing was run."])
def test_a_refusal_says_that_nothing_was_run(words: str) -> None:
    text = refusal_facts("rights.denied", words).facts[0]
    assert text.lower().count("nothing was run") == 1


def test_choices_are_numbered() -> None:
    assert question_facts("Which host?", ("app-01", "app-02")).facts == ("Which host?\n1. app-01\n2. app-02",)


def test_lists_stand_where_the_answer_names_them() -> None:
    info: dict[str, Json] = {
        "answer": "I can:\n{tools}\n{memories}",
        "tools": [{"name": "disk-usage", "description": "Disk use."}],
        "memories": [],
    }
    assert info_facts(info).facts == ("I can:\n- disk-usage: Disk use.\nI have no record of that.",)


@pytest.mark.parametrize("code", ["execution.unknown_outcome", "internal.fault"])
def test_of_a_run_that_broke_off_nobody_says_that_nothing_was_run(code: str) -> None:
    assert refusal_facts(code, "The run broke off.").facts == ("The run broke off.",)
