import os
from typing import Any

from opsconductor.lab.host_programs.host_info import os_name


def test_it_tells_its_own_name_and_the_machines_figures_in_whole_numbers(box: Any) -> None:
    told = box.answer("host-info")
    assert told["hostname"] == "app-01"
    assert told["os"] == os_name() != ""
    assert told["kernel"] == os.uname().release
    assert told["uptime_s"] > 0
    assert len(told["load_x100"]) == 3
    assert told["memory_total_bytes"] > 2**20


def test_an_argument_is_a_usage_error(box: Any) -> None:
    assert box.run("host-info", "x").returncode == 2
