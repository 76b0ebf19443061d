import io
import sys

import pytest

from opsconductor.cli.printing import ask_line, printable, say, say_json, tell, tell_error
from opsconductor.domain.errors import BadInput


@pytest.mark.parametrize("text", ["plain", "two\nlines\tand a tab", "日本語 ñ é", "👩\u200d💻 emoji", ""])
def test_what_people_write_is_printed_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\rb", "a\\x0db"),
        ("bell\x07", "bell\\x07"),
        ("c1\x9b", "c1\\x9b"),
        ("evil\u202etxt.exe", "evil\\u202etxt.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("line\u2028", "line\\u2028"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_what_moves_a_cursor_or_reorders_a_line_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_the_answer_and_the_rest_go_to_their_own_streams(capsys: pytest.CaptureFixture[str]) -> None:
    say("answer")
    tell("notice\x1b")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("answer\n", "notice\\x1b\n")


def test_json_is_one_readable_document(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"a": "é"})
    assert capsys.readouterr().out == '{\n  "a": "é"\n}\n'


def test_an_error_is_one_line_with_code_and_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    tell_error(BadInput("request.invalid", "Two\nlines", next_step="Do this."))
    tell_error(BadInput("request.invalid", "A sentence."))
    first, second = capsys.readouterr().err.splitlines()
    assert first == "error request.invalid: Two lines. Next: Do this."
    assert second == "error request.invalid: A sentence. Next: Correct the named field and send it again."


def test_lines_are_asked_for_until_the_input_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("one\n"))
    assert [ask_line("prompt> "), ask_line("prompt> ")] == ["one", None]
    assert capsys.readouterr().out == ""
