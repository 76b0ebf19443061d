"""SIGKILL at every dangerous place of an approved plan, and again in recovery: nothing lost, nothing twice.

The long form fits a test run; `bench/crash_matrix.py` takes 2,000 cells and more.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NEVER = ("lost", "duplicates", "false_failed", "false_done", "broken", "unknown_with_probe")


def matrix(store: str, cells: int, **environment: str) -> dict[str, Any]:
    """The figures of `bench/crash_matrix.py`, run as a process of its own: its children are forked without threads."""
    command = [sys.executable, "bench/crash_matrix.py", "--json", "--store", store, "--cells", str(cells)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def demand_all_well(figures: dict[str, Any], cells: int) -> None:
    assert {name: figures[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    assert figures["cells"] == cells
    assert figures["killed"] >= cells * 0.95, "nearly every cell comes to the place where it is to die"
    assert figures["killed_again"] >= cells / 4
    assert figures["late_share"] >= 0.2
    assert figures["unknown_without_probe"] > 0, "where nobody can look, nobody may know"


@pytest.mark.timeout(1500)
def test_on_sqlite(long_form: bool) -> None:
    cells = 800 if long_form else 320
    demand_all_well(matrix("sqlite", cells), cells)


@pytest.mark.timeout(1500)
def test_on_postgresql(long_form: bool, postgresql_server: str) -> None:
    cells = 100 if long_form else 60
    demand_all_well(matrix("postgresql", cells, OPSCONDUCTOR_TEST_DATABASE_URL=postgresql_server), cells)
