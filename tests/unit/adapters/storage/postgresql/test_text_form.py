import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.adapters.storage.postgresql.text_form import given_back, stored, stored_row
from opsconductor.testing.contracts.storage import samples

ODD = st.text(st.sampled_from(["\x00", "\ufdd0", "0", "a", "é"]))


@given(ODD)
def test_every_text_comes_back_and_none_holds_a_zero(text: str) -> None:
    assert "\x00" not in stored(text)
    assert given_back(stored(text)) == text
    assert given_back(stored([text, [text]])) == [text, [text]]


@given(ODD, ODD)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (stored(one) == stored(other)) == (one == other)


def test_what_is_no_text_is_left_alone() -> None:
    row = {"a": 1, "b": None, "c": b"\x00", "d": "x\x00", "e": True}
    assert stored_row(row) == {"a": 1, "b": None, "c": b"\x00", "d": "x\ufdd00", "e": True}


@pytest.mark.parametrize("odd", ["\x00", "a\x00b", "\ufdd0", "\ufdd0\x00", "x\ufdd00", "\ufdd0\ufdd0\x00\x00"])
async def test_a_text_with_a_zero_is_kept_as_by_the_other_engine(store: PostgresStorage, odd: str) -> None:
    unit = store.begin()
    unit.accept_turn(samples.accepted(message=odd, channel=odd, turn_id=odd))
    unit.save_customer_data("default", odd, (samples.entry(odd, {odd: [odd]}),))
    unit.add_memory(samples.memory(entities=(odd,), text=odd))
    await unit.commit()
    found = await store.accepted_turn("default", odd)
    assert found == samples.accepted(message=odd, channel=odd, turn_id=odd)
    assert await store.customer_data("default", odd) == {odd: samples.entry(odd, {odd: [odd]})}
    assert await store.memories("default", (odd,), 10) == (samples.memory(entities=(odd,), text=odd),)
