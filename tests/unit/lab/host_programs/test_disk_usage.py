import os
from typing import Any

import pytest

from opsconductor.lab.host_programs.disk_usage import percent


def test_it_tells_of_the_real_file_system(box: Any) -> None:
    told = box.answer("disk-usage")
    system = os.statvfs(box.root)
    assert told["path"] == "/"
    assert told["total_bytes"] == system.f_blocks * system.f_frsize
    assert 0 < told["used_bytes"] <= told["total_bytes"]
    assert 0 <= told["used_percent"] <= 100
    assert set(told) == {"path", "total_bytes", "used_bytes", "free_bytes", "used_percent"}


@pytest.mark.parametrize("path", ["/var/log", "var/log", "/var/../var/log", "//var/log/"])
def test_a_path_counts_from_the_hosts_root(box: Any, path: str) -> None:
    assert box.answer("disk-usage", path)["path"] == "/var/log"


@pytest.mark.parametrize("path", ["..", "/..", "../../..", "var/../../app-02", "/way-out", "/way-out/etc"])
def test_a_path_that_leads_out_of_the_host_is_refused(box: Any, path: str) -> None:
    (box.root / "way-out").symlink_to("/")
    (box.root.parent / "app-02").mkdir()
    run = box.run("disk-usage", path)
    assert (run.returncode, run.stdout) == (1, "")
    assert "is outside this host" in run.stderr


def test_a_neighbour_whose_name_begins_alike_is_outside_too(box: Any) -> None:
    (box.root.parent / "app-01-copy").mkdir()
    (box.root / "next-door").symlink_to("../app-01-copy")
    assert "is outside" in box.run("disk-usage", "/next-door").stderr


def test_absolute_paths_of_the_machine_are_paths_of_the_host(box: Any) -> None:
    run = box.run("disk-usage", "/usr/bin")
    assert run.returncode == 1
    assert run.stderr == "disk-usage: '/usr/bin' does not exist\n"


def test_two_paths_are_a_usage_error(box: Any) -> None:
    assert box.run("disk-usage", "/var", "/etc").returncode == 2


@pytest.mark.parametrize(("used", "free", "expected"), [(0, 0, 0), (0, 5, 0), (1, 999, 1), (50, 50, 50), (5, 0, 100)])
def test_the_percentage_is_rounded_up_as_df_does(used: int, free: int, expected: int) -> None:
    assert percent(used, free) == expected
