import pytest

from opsconductor.domain.entities import EXCLUDED_HERE, OF_THE_COUNT
from opsconductor.phases.p02_sense.conditions import conditions
from opsconductor.phases.p02_sense.cues import Said


def shown(text: str) -> list[tuple[str, str]]:
    return [(one.type, one.value) for one in conditions(Said(text))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("all assets except web-01", [("exclusion", EXCLUDED_HERE)]),
        ("everything but printers", [("exclusion", EXCLUDED_HERE)]),
        ("non-windows hosts", [("exclusion", EXCLUDED_HERE)]),
        ("hosts in nonprod", [("exclusion", EXCLUDED_HERE)]),
        ("hosts not in HQ", [("exclusion", "not")]),
        ("hosts that aren't in HQ", [("exclusion", "aren't")]),
        ("assets with no owner", [("exclusion", "with no")]),
        ("sites with more than 3 hosts", [("comparison", "more than")]),
        ("do we have at least 3 hosts", [("comparison", OF_THE_COUNT)]),
        ("hosts over 5 years old", [("comparison", "over")]),
        ("which hosts are down", [("live_state", "down")]),
        ("hosts running right now", [("live_state", "running")]),
        ("hosts with 16 GB", [("attribute", "gigabytes")]),
        ("are the hosts up to date", [("attribute", "up to date")]),
    ],
)
def test_a_condition_is_heard(text: str, wanted: list[tuple[str, str]]) -> None:
    assert [one for one in shown(text) if one[0] == wanted[0][0]] == wanted


@pytest.mark.parametrize(
    "text",
    [
        *(
            "break the count down by type",
            "tally up the servers",
            "hosts running Linux",
            "I do not know how many there are",
        ),
        *(
            "why not list them",
            "don't you have a list",
            "go over the list",
            "pull up the list",
        ),
    ],
)
def test_what_is_no_condition_is_left_alone(text: str) -> None:
    assert shown(text) == []
