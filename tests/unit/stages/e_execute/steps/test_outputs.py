"""A result holds at most ten kilobytes of output, in the shape it came in; the whole is kept elsewhere."""

import json

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.json_value import Json
from opsconductor.stages.e_execute.steps.outputs import CUT, SUMMARY_BYTES, capped, execution_of, output_ref

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3000),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=20), inner, max_size=30),
    max_leaves=60,
)


def size(value: Json) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def test_a_small_output_is_left_as_it_is() -> None:
    output: Json = {"pid": 7, "lines": ["a", "b"]}
    assert capped(output, "ref").summary == output
    assert capped(output, "ref").ref is None


@given(VALUES)
def test_no_summary_is_too_large_and_nothing_is_lost(value: Json) -> None:
    short = capped(value, "ref")
    assert size(short.summary) <= SUMMARY_BYTES
    if short.ref is None:
        assert short.summary == value
    else:
        assert json.loads(short.whole) == value


def test_only_what_is_large_is_cut_and_a_cut_text_says_so() -> None:
    short = capped({"count": 3, "state": "up", "log": "ä" * 40_000}, "exec_1.step_1.1").summary
    assert isinstance(short, dict)
    assert (short["count"], short["state"]) == (3, "up")
    assert str(short["log"]).endswith(CUT)
    assert len(str(short["log"])) > 4_000


def test_a_list_keeps_its_head() -> None:
    short = capped({"total_count": 500, "assets": [{"name": f"host-{number}"} for number in range(900)]}, "ref").summary
    assert isinstance(short, dict)
    assets = short["assets"]
    assert isinstance(assets, list)
    assert assets == [{"name": f"host-{number}"} for number in range(len(assets))]
    assert len(assets) > 200


def test_one_item_that_is_too_large_is_cut_itself() -> None:
    short = capped(["x" * 50_000], "ref").summary
    assert isinstance(short, list)
    assert str(short[0]).startswith("xxx")


def test_a_reference_names_its_attempt_and_its_execution() -> None:
    ref = output_ref("exec_1", "step_1", "asset_9", 2)
    assert ref == "exec_1.step_1.asset_9.2"
    assert execution_of(ref) == "exec_1"
    assert output_ref("exec_1", "step_1", "", 1) == "exec_1.step_1.1"
