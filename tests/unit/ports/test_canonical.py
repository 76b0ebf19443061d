"""Canonical JSON: one value, one byte string; what has no canonical form is refused."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.canonical import ascii_canonical, canonical_bytes, digest

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcé", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_canonical_bytes_are_json_of_the_same_value(value: Json) -> None:
    assert canonical_bytes(json.loads(canonical_bytes(value))) == canonical_bytes(value)


def test_the_order_of_keys_does_not_matter() -> None:
    assert digest({"a": 1, "b": [True, None]}) == digest({"b": [True, None], "a": 1})


def test_text_is_compared_in_its_normal_form() -> None:
    assert digest("e\u0301") == digest("\u00e9")


@pytest.mark.parametrize(
    "value", [0.5, 1.0, float("nan"), {"a": [0.1]}, "a\x00b", {"e\u0301": 1, "\u00e9": 2}, 2**60, "\ud800", {"\x00": 1}]
)
def test_what_has_no_canonical_form_is_refused(value: Json) -> None:
    with pytest.raises(BadInput) as refused:
        canonical_bytes(value)
    assert refused.value.code == "plan.unhashable"


def test_a_digest_names_its_algorithm() -> None:
    assert digest({}).startswith("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(max_codepoint=127), max_size=8),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=3), inner),
    max_leaves=12,
)


@given(plain)
def test_the_short_way_gives_the_bytes_of_the_long_one_or_nothing(value: Json) -> None:
    short = ascii_canonical(value)
    if short is not None:
        assert short.encode() == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value", [0.5, "a\x00b", {"a\x00": 1}, "é", {"é": 1}, 2**53, -(2**53), {1: 2}, {1: 2, "a": 3}, b"x"]
)
def test_the_short_way_leaves_to_the_long_one_what_is_not_plain(value: Json) -> None:
    assert ascii_canonical({"x": [value]}) is None


def test_the_short_way_takes_what_audit_rows_hold() -> None:
    assert ascii_canonical({"b": [1, True, None], "a": "x\ny\x7f"}) == '{"a":"x\\ny\x7f","b":[1,true,null]}'
