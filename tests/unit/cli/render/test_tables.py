import pytest

from opsconductor.cli.render.tables import cell, show_table


def test_a_piped_table_cuts_nothing_off_and_has_no_frame(capsys: pytest.CaptureFixture[str]) -> None:
    wide = "x" * 300
    show_table(("name", "what"), [("a", wide), ("long name", 7)])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["name       what", f"a          {wide}", "long name  7"]


def test_nothing_to_show_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("a",), [], "No asset.")
    assert capsys.readouterr().out == "No asset.\n"


def test_a_table_without_names_has_no_header(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("", ""), [("a", "b")])
    assert capsys.readouterr().out.rstrip() == "a  b"


def test_markup_of_others_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("a",), [("[red]x[/red] :smile:",)])
    assert "[red]x[/red] :smile:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), ("", "-"), ([], "-"), (["a", None], "a, -"), (0, "0"), ("a\nb\x1b", "a b\\x1b"), (True, "True")],
)
def test_a_cell_says_what_its_value_is(value: object, shown: str) -> None:
    assert cell(value) == shown
