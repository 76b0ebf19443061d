import pytest

from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.word_slots import enum_value, grouping

FIELDS = ("type", "role", "platform", "os", "environment", "site", "owner", "status")


def asked(text: str, action: str = "") -> Request:
    return Request(text=text, action=action, entities=())


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("how many assets by site", "site"),
        ("Assets per role, please", "role"),
        ("break the machine count down by operating system", "os"),
        ("count hosts for each type", "type"),
        ("how many per owner", "owner"),
        ("totals by sites", "site"),
        ("count by team", "owner"),
        ("show all assets sorted by name", None),
        ("list machines sorted by site", None),
        ("stand by", None),
        ("every host in staging", None),
    ],
)
def test_a_grouping_is_heard(text: str, field: str | None) -> None:
    assert grouping(asked(text), FIELDS) == field


@pytest.mark.parametrize(
    ("text", "action", "value"),
    [
        ("how many assets do we have", "asset_count", "count"),
        ("show me a list", "asset_list", "list"),
        ("show it", "other", "show"),
        ("show the count", "other", None),
        ("showcase", "other", None),
    ],
)
def test_the_intents_own_word_leads_and_one_said_word_follows(text: str, action: str, value: str | None) -> None:
    assert enum_value(asked(text, action), ("count", "list", "show", "group")) == value


def test_an_enum_value_of_two_words_is_heard_in_two_words() -> None:
    assert enum_value(asked("in read only mode"), ("read_only", "read_write")) == "read_only"
