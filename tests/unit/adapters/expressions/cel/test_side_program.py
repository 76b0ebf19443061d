"""The program beside answers with one line of JSON."""

import json
import subprocess
import sys

import pytest

from opsconductor.adapters.expressions.cel.side_process import PROGRAM, READY
from opsconductor.adapters.expressions.cel.side_program import answer


@pytest.mark.parametrize(
    ("expression", "told"),
    [("1 + 1", [2, "", ""]), ("a.b", [None, "b", ""]), ("1 / 0", [None, "", "division by zero in CEL expression"])],
)
def test_value_missing_and_fault(expression: str, told: list[object]) -> None:
    assert json.loads(answer(expression, {"a": {}})) == told


def test_it_says_ready_before_it_reads_its_job() -> None:
    job = json.dumps(["l.size()", {"l": [1, 2, 3]}]).encode()
    done = subprocess.run([sys.executable, "-m", PROGRAM], input=job, capture_output=True, check=True, timeout=30)
    assert done.stdout == READY + b'[3, "", ""]'
