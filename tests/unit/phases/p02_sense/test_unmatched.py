from collections.abc import Awaitable, Callable

import pytest

from opsconductor.domain.snapshot import SituationalSnapshot

Run = Callable[..., Awaitable[SituationalSnapshot]]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("how many assets in site Nowhere", "site", "Nowhere"),
        ("list hosts at the Foobar office", "site", "Foobar"),
        ("count hosts in New Delhi", "site", "New Delhi"),
        ("count hosts in s\u0131te Akron", "site", "Akron"),
        ("hosts owned by initech", "owner", "initech"),
        ("how many servers does Initech have", "owner", "Initech"),
        ("list hosts with role mainframe", "role", "mainframe"),
        ("which hosts run nginx", "service", "nginx"),
        ("servers with redis", "service", "redis"),
        ("how many printers do we have", "type", "printers"),
        ("list all nginx servers", "type", "nginx"),
        ("show our production nginx hosts", "type", "nginx"),
    ],
)
async def test_a_value_that_no_asset_has_is_sensed_as_such(sense: Run, text: str, field: str, value: str) -> None:
    (found,) = [one for one in (await sense(text)).entities if one.match == "none"]
    assert (found.type, found.value) == (field, value)
    assert text[found.start : found.end] == value


@pytest.mark.parametrize(
    "text",
    [
        *("how many assets do we have", "list hosts in production", "assets by site please", "list your tools"),
        *(
            "which site has the most machines",
            "how many pieces of equipment are there in total",
            "hosts that run billing",
        ),
        *("show the hosts in alphabetical order", "how many windows workstations are in HQ", "what machines run fine"),
    ],
)
async def test_ordinary_words_are_no_values(sense: Run, text: str) -> None:
    assert [one for one in (await sense(text)).entities if one.match == "none"] == []


async def test_a_long_message_is_read_in_time(sense: Run) -> None:
    assert (await sense("list not over 3 hosts with x in y " * 450)).entities
