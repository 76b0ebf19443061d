"""Inputs are put in whole: no text is ever spliced into other text."""

import pytest

from opsconductor.domain.json_value import Json
from opsconductor.domain.tool_arguments import filled, filled_argv


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ({"input": "a"}, 'x" y'),
        ({"input": "absent"}, None),
        ({"k": {"input": "a"}, "gone": {"input": "absent"}}, {"k": 'x" y'}),
        ([{"input": "a"}, "b", {"input": "absent"}], ['x" y', "b"]),
        ("{input}", "{input}"),
        ({"input": "a", "other": 1}, {"input": "a", "other": 1}),
        (None, None),
    ],
)
def test_placeholders_are_replaced_whole(template: Json, value: Json) -> None:
    assert filled(template, {"a": 'x" y'}) == value


def test_an_argument_list_is_text_and_drops_what_is_absent() -> None:
    argv = ("run", {"input": "n"}, {"input": "absent"}, {"input": "text"})
    assert filled_argv(argv, {"n": 3, "text": "; rm -rf /"}) == ["run", "3", "; rm -rf /"]
