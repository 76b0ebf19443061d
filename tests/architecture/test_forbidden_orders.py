"""A wrong order of phases is a type error: each case in forbidden_orders/ is rejected where it says, and only there.

A case is a small module; `# expect: CODE` at the end of a line says that mypy must report that error on that line.
A case without such a mark must be accepted.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT

FOLDER = Path(__file__).parent / "forbidden_orders"
CASES = sorted(FOLDER.glob("*.py"))
EXPECTED = re.compile(r"# expect: ([\w-]+)\s*$")
REPORTED = re.compile(r"^(?P<file>[^:]+\.py):(?P<line>\d+)(:\d+)?: error: .*\[(?P<code>[\w-]+)\]$", re.M)
ORDER_ERRORS = {"arg-type", "call-arg"}


def expected(case: Path) -> set[tuple[int, str]]:
    """The (line, error code) pairs that a case is marked with."""
    lines = enumerate(case.read_text("utf-8").splitlines(), start=1)
    return {(number, match[1]) for number, line in lines if (match := EXPECTED.search(line))}


def type_check(files: list[Path]) -> dict[str, set[tuple[int, str]]]:
    """What one run of mypy reports, by file name."""
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--no-pretty",
        "--hide-error-context",
        "--no-color-output",
        "--no-error-summary",
    ]
    done = subprocess.run(
        [*command, *map(str, files)], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    found: dict[str, set[tuple[int, str]]] = {}
    for match in REPORTED.finditer(done.stdout):
        found.setdefault(Path(match["file"]).name, set()).add((int(match["line"]), match["code"]))
    return found


@pytest.mark.timeout(300)
def test_each_wrong_order_is_rejected_where_it_says_and_nothing_else_is() -> None:
    marked = {case.name: expected(case) for case in CASES if expected(case)}
    assert (type_check(CASES) if CASES else {}) == marked
    assert {code for marks in marked.values() for _, code in marks} <= ORDER_ERRORS


def test_the_forbidden_orders_are_all_here() -> None:
    if (PACKAGE / "pipeline.py").exists():
        assert len([case for case in CASES if expected(case)]) >= 6
        assert [case.name for case in CASES if not expected(case)], "no case shows that the right order is accepted"


@pytest.mark.timeout(300)
def test_the_runner_sees_an_error_and_its_line(tmp_path: Path) -> None:
    case = tmp_path / "made_up_order.py"
    case.write_text("def second(first: bytes) -> int:\n    return len(first)\n\n\nsecond('text')  # expect: arg-type\n")
    assert expected(case) == {(5, "arg-type")}
    assert type_check([case]) == {case.name: {(5, "arg-type")}}
