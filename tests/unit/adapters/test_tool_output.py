"""What came back is parsed strictly, or refused in words."""

import pytest

from opsconductor.adapters.tool_output import BadOutput, parsed
from opsconductor.domain.json_value import Json


@pytest.mark.parametrize(
    ("raw", "parse", "value"),
    [
        (b'{"a": [1, true, null]}', "json", {"a": [1, True, None]}),
        (b"a\x00b\xff", "text", {"text": "a\ufffdb\ufffd"}),
        (b'{"a": "\x00"}', "none", None),
        (b"7", "json", 7),
    ],
)
def test_what_parses(raw: bytes, parse: str, value: Json) -> None:
    assert parsed(raw, parse) == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b"Infinity",
        b'{"a": 1, "a": 1}',
        b'{"a\x00": 1, "a\\u0000": 1}',
        b"[" * 100_000,
        b"[" * 65 + b"]" * 65,
        b"x",
        b"9" * 5000,
        b"1e999",
    ],
)
def test_what_is_refused(raw: bytes) -> None:
    with pytest.raises(BadOutput):
        parsed(raw, "json")


def test_an_escaped_nul_is_replaced_too() -> None:
    assert parsed(b'{"a": "x\\u0000y", "b\\u0000": [{"c": "\\u0000"}]}', "json") == {
        "a": "x\ufffdy",
        "b\ufffd": [{"c": "\ufffd"}],
    }


def test_half_a_surrogate_pair_cannot_reach_a_record() -> None:
    value = parsed(b'{"a": "\\ud800"}', "json")
    assert isinstance(value, dict)
    assert str(value["a"]).encode("utf-8")
