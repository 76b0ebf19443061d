import pytest

from opsconductor.domain.errors import BadInput
from opsconductor.domain.message_text import MAX_BYTES, check_message


@pytest.mark.parametrize(
    "text", ["restart billing on app-01", "a", "ok\r\nthen\tthis", "🔥", "перезапусти", "a" * MAX_BYTES]
)
def test_text_that_can_be_read_is_taken_as_it_is(text: str) -> None:
    assert check_message(text) == text


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u2060", " \ufeff \u202e \u200b "])
def test_nothing_to_read_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_message(text)
    assert caught.value.code == "request.empty"


@pytest.mark.parametrize("text", ["a" * (MAX_BYTES + 1), "é" * (MAX_BYTES // 2 + 1), "🔥" * (MAX_BYTES // 4 + 1)])
def test_too_much_is_refused_by_its_bytes(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_message(text)
    assert caught.value.code == "request.too_large"


@pytest.mark.parametrize(
    ("text", "named"),
    [("a\0b", "U+0000"), ("\x1b[2J", "U+001B"), ("a\x7f", "U+007F"), ("x\ud800", "U+D800"), ("\x9b", "U+009B")],
)
def test_controls_and_half_characters_are_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_message(text)
    assert caught.value.code == "request.bad_text"
    assert named in caught.value.message
