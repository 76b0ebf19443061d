import json
import shutil
from pathlib import Path

import pytest

from opsconductor.cli.commands import doctor
from opsconductor.server.server_lock import ServerAddress, hold
from tests.unit.cli.conftest import Cli


def findings(cli: Cli) -> dict[str, dict[str, str]]:
    return {one["part"]: one for one in json.loads(cli("doctor", "--json").out)["findings"]}


def test_every_part_of_a_sound_home_is_fine(used: Cli) -> None:
    done = used("doctor")
    assert (done.code, done.err) == (0, "")
    for part in (
        "journal_mode WAL",
        "synchronous FULL",
        "embedder is whole",
        "default 1",
        "None is running",
        "MiB free",
    ):
        assert part in done.out, part
    assert set(findings(used)) == {"home", "disk", "database", "approvals", "model", "pack", "server"}


def test_every_setting_is_shown_with_its_source_and_a_secret_is_not(
    cli: Cli, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fresh / "config.toml").write_text('log_level = "info"\n')
    monkeypatch.setenv("OPSCONDUCTOR_TOKEN", "opsc_verysecret")
    done = cli("doctor", "--json")
    settings = {one["name"]: (one["value"], one["source"]) for one in json.loads(done.out)["settings"]}
    assert settings["log_level"] == ("info", "config.toml")
    assert settings["home"] == (str(fresh), "environment")
    assert settings["port"] == ("3005", "default")
    assert settings["token"] == ("set", "environment")
    assert "verysecret" not in done.out + cli("doctor").out


def test_a_new_home_is_fine_too(cli: Cli) -> None:
    assert "made on first use" in findings(cli)["database"]["words"]


def test_a_home_that_others_may_look_into_is_a_fault_with_a_remedy(cli: Cli, fresh: Path) -> None:
    fresh.chmod(0o755)
    done = cli("doctor")
    assert done.code == 1
    assert f"Next: Run: chmod 700 {fresh}" in done.out


def test_a_database_that_is_none_a_broken_pack_and_a_full_disk_are_told_beside_each_other(
    cli: Cli, fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fresh / "opsconductor.db").write_bytes(b"not a database" * 100)
    monkeypatch.setenv("OPSCONDUCTOR_PACK", str(tmp_path / "missing"))
    monkeypatch.setattr(doctor, "LITTLE_SPACE", shutil.disk_usage(fresh).total)
    found = findings(cli)
    assert [part for part, one in found.items() if not one["ok"]] == ["disk", "database", "pack"]
    assert "store.corrupt" in found["database"]["words"]
    assert "pack.not_found" in found["pack"]["words"]
    assert all(one["next_step"] for one in found.values() if not one["ok"])


def test_a_home_without_its_audit_key_is_told_and_given_no_other(used: Cli, fresh: Path) -> None:
    (fresh / "keys" / "audit.key").unlink()
    found = findings(used)["database"]
    assert not found["ok"]
    assert "audit.key is missing" in found["words"]
    done = used("ask", "How many assets do we have?")
    assert (done.code, done.out) == (5, "")
    assert "audit.broken" in done.err
    assert not (fresh / "keys" / "audit.key").exists()


def test_a_running_server_is_told(cli: Cli, fresh: Path) -> None:
    with hold(fresh) as lock:
        lock.announce(ServerAddress(address="http://127.0.0.1:9", pid=5, home_id="h", socket="/s", started_at="t"))
        assert "Running at http://127.0.0.1:9, process 5" in findings(cli)["server"]["words"]
        lock.clear()
        assert not findings(cli)["server"]["ok"]


def test_a_setting_that_cannot_be_read_is_one_error(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPSCONDUCTOR_PORT", "http")
    done = cli("doctor")
    assert (done.code, done.err.split(":")[0]) == (2, "error settings.invalid")
