"""What was cancelled before a kill starts no further step after it (I8); a key used again is the same order (I10)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What became of each cell."""
    command = [sys.executable, "-m", "tests.crash.cancelled_and_repeated", str(tmp_path_factory.mktemp("cells"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_cell_was_killed_and_nothing_that_was_promised_is_broken(cells: list[dict[str, Any]]) -> None:
    assert len(cells) >= 20
    assert [cell["cell"] for cell in cells if cell["words"] or not cell["killed"]] == []
    assert sum(cell["killed_again"] for cell in cells) >= 6


def test_a_cancel_that_was_acknowledged_before_the_kill_keeps_the_later_steps_from_starting(
    cells: list[dict[str, Any]],
) -> None:
    cancelled = [cell for cell in cells if "cancel" in cell["promised_before"]]
    assert len(cancelled) >= 12
    assert [(cell["asked"], cell["asked_again"]) for cell in cancelled] == [(1, 0)] * len(cancelled)
    assert {cell["status"] for cell in cancelled} == {"partial"}


def test_a_key_that_is_used_again_after_recovery_is_the_same_order_and_no_other(cells: list[dict[str, Any]]) -> None:
    for cell in cells:
        was_taken = cell["cell"]["kill_at"] != "store.before:accept_turn"
        assert cell["asked_again"] == (0 if was_taken else 1), cell
        assert cell["refused"][0] == "request.idempotency_reused", cell
    assert sum(cell["promised"].count("request") == 2 for cell in cells) >= 20
    assert sum(cell["promised"].count("cancel") == 2 for cell in cells) >= 12
