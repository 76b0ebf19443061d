"""The table of capabilities promises nothing that no test shows: each test it names exists, each line has a state."""

import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.architecture.tree import ROOT

ROW = re.compile(r"^\| (\d+) \| (.+?) \| (works|partly: .+?|not yet: .+?) \|(.*)\|$", re.M)
SHOWN = re.compile(r"`([\w./-]+\.py)::(\w+)`")
PROMISES = "src/opsconductor/testing/contracts/"
TOLD_BY = re.compile(r"; (issue [BC]|issues B and C|a later issue)$")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    number: int
    state: str
    shown: tuple[tuple[str, str], ...]


@cache
def rows() -> tuple[Row, ...]:
    text = (ROOT / "docs" / "capabilities.md").read_text("utf-8")
    return tuple(Row(int(found[1]), found[3], tuple(SHOWN.findall(found[4]))) for found in ROW.finditer(text))


def is_there(path: str, name: str) -> bool:
    """Whether the file has a test, or a promise, of this name."""
    file = ROOT / path
    right_place = path.startswith(PROMISES) or (path.startswith("tests/") and name.startswith("test_"))
    return right_place and file.is_file() and bool(re.search(rf"^(async )?def {name}\(", file.read_text("utf-8"), re.M))


def test_every_capability_has_its_line() -> None:
    assert [row.number for row in rows()] == list(range(1, 115))


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row.number))
def test_every_test_that_is_named_exists(row: Row) -> None:
    assert [f"{path}::{name}" for path, name in row.shown if not is_there(path, name)] == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row.number))
def test_a_state_is_backed_by_tests_or_says_what_is_missing(row: Row) -> None:
    if row.state == "works":
        assert row.shown
        assert any(path.startswith("tests/") for path, _ in row.shown), "a promise alone runs nothing"
    elif row.state.startswith("partly"):
        assert TOLD_BY.search(row.state), row.state
    else:
        assert row.shown == ()


def test_a_test_that_is_gone_is_found() -> None:
    assert is_there("tests/architecture/test_capabilities.py", "test_a_test_that_is_gone_is_found")
    assert not is_there("tests/architecture/test_capabilities.py", "test_that_is_gone")
    assert not is_there("tests/architecture/test_gone.py", "test_a_test_that_is_gone_is_found")
    assert not is_there("src/opsconductor/pipeline.py", "run_turn")
