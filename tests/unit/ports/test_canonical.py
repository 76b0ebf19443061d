"""Canonical JSON: one value, one byte string; what has no canonical form is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.canonical import canonical_bytes, digest

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


@pytest.mark.parametrize("value", [0.5, 1.0, float("nan"), {"a": [0.1]}, "a\x00b", {"e\u0301": 1, "\u00e9": 2}, 2**60])
def test_what_has_no_canonical_form_is_refused(value: Json) -> None:
    with pytest.raises(BadInput) as refused:
        canonical_bytes(value)
    assert refused.value.code == "plan.unhashable"


def test_a_digest_names_its_algorithm() -> None:
    assert digest({}).startswith("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
