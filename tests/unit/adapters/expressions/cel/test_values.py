"""Values go into an expression plain and within limits, or not at all."""

from types import MappingProxyType

import pytest

from opsconductor.adapters.expressions.cel.values import MAX_DEPTH, MAX_WEIGHT, UnfitError, is_json, plain_names
from opsconductor.domain.json_value import Json


def test_mappings_and_tuples_become_dicts_and_lists() -> None:
    values, weight = plain_names({"a": MappingProxyType({"b": (1, "x" * 32)})}, [("a",)])
    assert values == {"a": {"b": [1, "x" * 32]}}
    assert weight == 6


def test_only_what_is_looked_at_is_taken() -> None:
    names: dict[str, Json] = {"a": {"b": 1, "c": {"d": 2, "e": 3}, "big": ["x"] * 9}, "f": "text", "g": 4}
    paths = [("a", "b"), ("a", "c", "d"), ("a", "nothing", "more"), ("f", "below"), ("nowhere",)]
    assert plain_names(names, paths) == ({"a": {"b": 1, "c": {"d": 2}}, "f": "text"}, 7)
    assert plain_names({"a": {}}, [("a", "b", "c")])[0] == {"a": {}}


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, float("nan"), float("-inf"), {1: 2}, {"a": {3}}, b"x"])
def test_what_the_library_would_bend_is_refused(value: Json) -> None:
    with pytest.raises(UnfitError):
        plain_names({"a": [value]}, [("a",)])


def test_the_largest_whole_numbers_pass() -> None:
    assert plain_names({"a": [2**63 - 1, -(2**63)]}, [("a",)])[0] == {"a": [2**63 - 1, -(2**63)]}


def test_depth_and_weight_are_limited() -> None:
    deep: Json = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert plain_names({"a": deep}, [("a",)])[1] == MAX_DEPTH + 1
    with pytest.raises(UnfitError, match="deeply"):
        plain_names({"a": [deep]}, [("a",)])
    with pytest.raises(UnfitError, match="large"):
        plain_names({"a": [1] * MAX_WEIGHT}, [("a",)])
    with pytest.raises(UnfitError, match="large"):
        plain_names({"a": "x" * (16 * MAX_WEIGHT)}, [("a",)])


@pytest.mark.parametrize(
    ("value", "json"), [({"a": [1, None, "x", 1.5, True]}, True), (b"x", False), ([float("inf")], False)]
)
def test_results_that_are_json(value: object, json: bool) -> None:
    assert is_json(value) is json
