"""Faults for engineers: where it broke, under a reference, without any value."""

import json
import stat
from pathlib import Path
from typing import Any

from opsconductor.adapters.telemetry.fault_log import FaultLog
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.ids.counting import CountingIdsDouble


def a_log(folder: Path) -> FaultLog:
    return FaultLog(folder, MovingClockDouble(), CountingIdsDouble())


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "faults.jsonl").read_text().splitlines()]


def broken(value: str) -> Exception:
    try:
        try:
            raise KeyError(value)
        except KeyError as error:
            raise RuntimeError(value) from error
    except RuntimeError as error:
        return error


def test_a_fault_is_written_with_its_cause_and_no_value(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    canary = "canary" + "-4711"
    references = [log.report(broken(canary), "turn_1") for _ in range(2)]
    first, second = lines(tmp_path)
    assert [first["reference"], second["reference"]] == references
    assert (first["subject"], first["fault"], first["causes"][0]["fault"]) == ("turn_1", "RuntimeError", "KeyError")
    assert any("in broken" in frame for frame in first["stack"])
    assert canary not in (tmp_path / "faults.jsonl").read_text()
    assert stat.S_IMODE((tmp_path / "faults.jsonl").stat().st_mode) == 0o600


def test_every_member_of_a_group_is_told(tmp_path: Path) -> None:
    a_log(tmp_path).report(ExceptionGroup("several", [broken("a"), ValueError("b")]), "exec_1")
    (line,) = lines(tmp_path)
    assert [cause["fault"] for cause in line["causes"]] == ["RuntimeError", "ValueError"]


def test_a_circle_of_causes_ends(tmp_path: Path) -> None:
    one, other = ValueError(), ValueError()
    one.__cause__, other.__cause__ = other, one
    a_log(tmp_path).report(one, "turn_1")
    assert len(lines(tmp_path)) == 1


def test_a_log_that_cannot_be_written_still_gives_a_reference(tmp_path: Path) -> None:
    assert a_log(tmp_path / "nowhere").report(broken("x"), "turn_1").startswith("fault_")
