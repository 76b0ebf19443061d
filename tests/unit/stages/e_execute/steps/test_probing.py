"""Reading back until it is certain: "done" at once, "not done" only at the end, and no word without a reading."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorCall
from opsconductor.stages.e_execute.steps.judgement import ProbeReading
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble
from opsconductor.testing.executions import COUNTED, HOSTS, a_change, a_step
from tests.unit.stage_e import open_stage_e


async def probed(
    folder: Path, world: ScriptedConnectorDouble, before: Json, **changes: Any
) -> tuple[ProbeReading | None, float]:
    tool = a_change(**changes)
    async with open_stage_e(folder, tool, connector=world) as stage:
        names = {"before": before}
        reading = await stage.prober.probe("default", a_step(tool, HOSTS[0]), tool, HOSTS[0], names)
        return reading, stage.clock.monotonic()


async def test_done_is_believed_at_once(home: Path) -> None:
    connector = ScriptedConnectorDouble()
    connector.world.act("app-01")
    reading, waited = await probed(home, connector, {"count": 0})
    assert reading == ProbeReading(verdict="done", after={"count": 1})
    assert waited == 0


async def test_not_done_is_believed_when_the_settle_time_is_over(home: Path) -> None:
    reading, waited = await probed(home, ScriptedConnectorDouble(), {"count": 0})
    assert reading == ProbeReading(verdict="not_done", after={"count": 0})
    assert waited >= COUNTED.settle_s


@pytest.mark.parametrize("before", [None, {"count": "seven"}, {}])
async def test_without_a_usable_reading_before_nothing_is_proven(home: Path, before: Json) -> None:
    reading, _ = await probed(home, ScriptedConnectorDouble(), before)
    assert reading is not None
    assert reading.verdict == "unclear"


async def test_without_an_answer_nothing_is_proven(home: Path) -> None:
    connector = ScriptedConnectorDouble()
    connector.readable = False
    reading, _ = await probed(home, connector, {"count": 0})
    assert reading == ProbeReading(verdict="unclear")


async def test_a_tool_without_a_probe_or_connector_has_no_reading(home: Path) -> None:
    assert (await probed(home, ScriptedConnectorDouble(), None, probe=None))[0] is None
    reading, _ = await probed(home / "2", ScriptedConnectorDouble(), {"count": 0}, connector="winrm")
    assert reading == ProbeReading(verdict="unclear")


async def test_what_is_never_shown_is_not_read_back(home: Path) -> None:
    connector = ScriptedConnectorDouble()
    reading, _ = await probed(home, connector, {"count": 0}, redact=("count",))
    assert reading is not None
    assert reading.after == {}


async def test_a_probe_that_sees_the_effect_late_still_proves_it(home: Path) -> None:
    seen: list[int] = []

    def act_at_the_third(call: ConnectorCall) -> None:
        seen.append(1)
        if len(seen) == 3:
            connector.world.act("app-01")

    act: Callable[[ConnectorCall], None] = act_at_the_third
    connector = ScriptedConnectorDouble(before=act)
    probe = replace(COUNTED, settle_s=5.0)
    reading, waited = await probed(home, connector, {"count": 0}, probe=probe)
    assert reading is not None
    assert reading.verdict == "done"
    assert waited < 5
