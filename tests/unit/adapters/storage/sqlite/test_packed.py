import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.adapters.storage.sqlite.packed import (
    pack,
    pack_optional_time,
    pack_time,
    unpack,
    unpack_optional_time,
    unpack_time,
)

TURN = "turn_0191c7a0-1234-7abc-8def-00000000000a"
HASH = "sha256:" + "0123456789abcdef" * 4


def test_an_identifier_takes_half_the_room() -> None:
    assert pack(TURN) == b"turn" + bytes.fromhex("0191c7a012347abc8def00000000000a")
    assert unpack(pack(TURN)) == TURN


def test_a_digest_takes_its_32_bytes() -> None:
    assert pack(HASH) == bytes.fromhex("0123456789abcdef" * 4)
    assert unpack(pack(HASH)) == HASH


@pytest.mark.parametrize(
    "text",
    [
        *("", "turn_1", "sha256:ab", TURN.upper(), TURN + "\n", " " + TURN, TURN.replace("-", ""), "_" + TURN[5:]),
        *("a" * 13 + TURN[4:], "tÜrn" + TURN[4:], HASH.upper(), HASH + "0", TURN[5:], "turn2" + TURN[4:]),
    ],
)
def test_what_would_not_come_back_exactly_is_kept_as_text(text: str) -> None:
    assert pack(text) == text
    assert unpack(text) == text


@given(st.text() | st.from_regex(r"[a-z]{1,13}_[0-9a-fA-F]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"))
def test_every_text_comes_back(text: str) -> None:
    assert unpack(pack(text)) == text


def test_different_texts_are_packed_differently() -> None:
    longest = "a" * 12 + TURN[4:]
    assert len({pack(text) for text in (TURN, longest, HASH, TURN[:-1] + "b", "run" + TURN[4:])}) == 5


@pytest.mark.parametrize(
    "text",
    ["1970-01-01T00:00:00.000Z", "2026-05-05T12:00:00.123Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
)
def test_a_time_is_stored_in_milliseconds(text: str) -> None:
    assert isinstance(pack_time(text), int)
    assert unpack_time(pack_time(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-05-05T12:00:00Z",
        "2026-05-05T12:00:00.123456Z",
        "2026-13-05T12:00:00.123Z",
        "2026-05-05 12:00:00.123Z",
        "2026-05-05T12:00:00.123+00:00",
        "2026-05-05T12:00:00.123z",
        "0000-01-01T00:00:00.000Z",
        "0999-01-01T00:00:00.000Z",
    ],
)
def test_a_time_in_another_spelling_is_kept_as_text(text: str) -> None:
    assert pack_time(text) == text
    assert unpack_time(text) == text


@given(st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z"))
def test_every_time_comes_back(text: str) -> None:
    assert unpack_time(pack_time(text)) == text


def test_no_time_stays_none() -> None:
    assert pack_optional_time(None) is None
    assert unpack_optional_time(None) is None
    assert unpack_optional_time(pack_optional_time("1970-01-01T00:00:00.001Z")) == "1970-01-01T00:00:00.001Z"
