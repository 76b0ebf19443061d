"""A planted word that nobody may see, or that is not true, is found, each by its invariant."""

from dataclasses import replace

import pytest

from opsconductor.domain.execution import StepStatus
from opsconductor.testing.client_log import Shown
from opsconductor.testing.invariants.evidence import FALSE_DONE, HostileAnswer
from opsconductor.testing.invariants.words import (
    i6_nobody_sees_what_is_another_tenants,
    i11_no_planted_secret_is_anywhere,
    i12_hostile_input_does_no_harm,
    i13_every_store_gives_the_same_transcript,
    i14_done_is_only_said_of_what_succeeded,
)
from tests.unit.testing.invariants.healthy import EXECUTION, evidence


def saying(message: str, **changes: str) -> Shown:
    return replace(Shown(turn_id="turn_1", kind="answer", message=message), **changes)


def test_i6_finds_another_tenants_word() -> None:
    only_of = {"b": ("vault-07",)}
    assert list(i6_nobody_sees_what_is_another_tenants(evidence(only_of=only_of))) == []
    for tenant, found in (("b", 0), ("default", 1)):
        seen = evidence(only_of=only_of, shown=(saying("vault-07 is up.", tenant=tenant),))
        assert len(list(i6_nobody_sees_what_is_another_tenants(seen))) == found


def test_i11_finds_a_secret_wherever_it_stands() -> None:
    assert list(i11_no_planted_secret_is_anywhere(evidence(secrets=("hunter2",)))) == []
    seen = evidence(secrets=("hunter2",), shown=(saying("It is hunter2."),), exposed={"a log": "pw=hunter2"})
    assert {one.subject for one in i11_no_planted_secret_is_anywhere(seen)} == {"a log", "an answer"}


def test_i12_finds_a_fault_a_hang_and_a_flood() -> None:
    harmless = HostileAnswer(what="a long name", status=422, seconds=0.1)
    assert list(i12_hostile_input_does_no_harm(evidence(hostile=(harmless,)))) == []
    hostile = (replace(harmless, status=500), replace(harmless, seconds=2.1))
    assert len(list(i12_hostile_input_does_no_harm(evidence(hostile=hostile, memory_growth_mib=201)))) == 3


@pytest.mark.parametrize(("other", "line"), [(("a", "c"), 2), (("a",), 2), (("a", "b", "c"), 3)])
def test_i13_finds_the_line_in_which_two_stores_differ(other: tuple[str, ...], line: int) -> None:
    same = evidence(transcripts={"sqlite": ("a", "b"), "postgresql": ("a", "b")})
    assert list(i13_every_store_gives_the_same_transcript(same)) == []
    (found,) = i13_every_store_gives_the_same_transcript(evidence(transcripts={"sqlite": ("a", "b"), "x": other}))
    assert f"line {line}" in found.words


def test_i14_finds_a_false_done_and_a_made_up_number_or_id() -> None:
    assert list(i14_done_is_only_said_of_what_succeeded(evidence())) == []
    done = saying("Done.", execution_id=EXECUTION)
    (found,) = i14_done_is_only_said_of_what_succeeded(evidence(status=StepStatus.UNKNOWN, shown=(done,)))
    assert found.harm == FALSE_DONE
    for message, wrong in (
        ("It is process 4711.", "4711"),
        ("Look at exec_00000000-dead.", "exec_00000000-dead"),
        (f"Look at {EXECUTION} on app-01.", ""),
    ):
        words = [one.words for one in i14_done_is_only_said_of_what_succeeded(evidence(shown=(saying(message),)))]
        assert [word.split()[0] for word in words] == ([wrong] if wrong else [])
