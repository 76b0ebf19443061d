import json
import os
from pathlib import Path
from typing import Any

from opsconductor.lab.host_directory import lay_out
from opsconductor.lab.hosts import HOSTS

APP = HOSTS[0]


def test_a_fresh_host_has_programs_releases_and_configuration(tmp_path: Path) -> None:
    lay_out(tmp_path, APP, 20_080)
    assert sorted(file.name for file in (tmp_path / "bin").iterdir()) == ["disk-usage", "host-info", "svc"]
    assert all(os.access(file, os.X_OK) for file in (tmp_path / "bin").iterdir())
    assert (tmp_path / "opt/billing/current/VERSION").read_text() == "2.2\n"
    assert (tmp_path / "opt/billing/2.3/VERSION").read_text() == "2.3\n"
    assert json.loads((tmp_path / "etc/services.json").read_text()) == {"billing": {"protocol": "http", "port": 20_080}}


def test_a_second_time_leaves_alone_what_is_right_and_repairs_what_is_not(tmp_path: Path) -> None:
    lay_out(tmp_path, APP, 20_080)
    untouched = (tmp_path / "libexec/host_programs/svc.py").stat()
    (tmp_path / "bin/svc").write_bytes(b"\xff damaged")
    (tmp_path / "bin/host-info").chmod(0o600)
    (tmp_path / "opt/billing/current").unlink()
    (tmp_path / "opt/billing/current").symlink_to("2.3")
    (tmp_path / "var/log/billing.log").write_text("kept\n")
    lay_out(tmp_path, APP, 20_080)
    after = (tmp_path / "libexec/host_programs/svc.py").stat()
    assert (after.st_ino, after.st_mtime_ns) == (untouched.st_ino, untouched.st_mtime_ns)
    assert (tmp_path / "bin/svc").read_text().startswith("#!/bin/sh\n")
    assert os.access(tmp_path / "bin/host-info", os.X_OK)
    assert os.readlink(tmp_path / "opt/billing/current") == "2.3"
    assert (tmp_path / "var/log/billing.log").read_text() == "kept\n"


def test_a_start_begins_with_a_good_release_where_a_broken_one_was_current(tmp_path: Path) -> None:
    lay_out(tmp_path, APP, 20_080)
    assert (tmp_path / "opt/billing/2.4-broken/BROKEN").exists()
    assert not (tmp_path / "opt/billing/2.3/BROKEN").exists()
    (tmp_path / "opt/billing/current").unlink()
    (tmp_path / "opt/billing/current").symlink_to("2.4-broken")
    lay_out(tmp_path, APP, 20_080)
    assert os.readlink(tmp_path / "opt/billing/current") == "2.2"


def test_programs_run_below_a_path_with_spaces_and_quotes(tmp_path: Path, box: Any) -> None:
    root = tmp_path / "it's a $(folder)"
    lay_out(root, APP, 20_080)
    box.root = root
    assert box.answer("host-info")["hostname"] == "app-01"
