import json
from collections import Counter
from csv import DictReader
from pathlib import Path

import pytest

from opsconductor.cli.commands.assets import fault_lines, filters_of
from opsconductor.domain.errors import BadInput
from tests.unit.cli.conftest import Cli

CSV = Path(__file__).parents[3] / "data" / "netbox-demo-assets.csv"


def test_assets_are_listed_counted_and_filtered(used: Cli) -> None:
    listed = used("assets", "list", "--limit", "2").out
    assert "WS-01" in listed
    assert "2 of 6" in listed
    assert used("assets", "list", "--where", "name=WS-04").out.splitlines()[1].startswith("WS-04")
    assert used("assets", "list", "--where", "type=router").out == "No asset.\n"
    counted = used("assets", "count", "--by", "platform").out.split()
    assert counted == ["6", "assets", "platform", "count", "windows", "6"]
    assert json.loads(used("assets", "count", "--json").out) == {
        "success": True, "total_count": 6, "breakdown": {"windows_workstation": 6}
    }  # fmt: skip
    assert json.loads(used("assets", "list", "--json").out)["total_count"] == 6


@pytest.mark.parametrize(
    "arguments", [["list", "--where", "colour=red"], ["list", "--where", "name"], ["count", "--by", "colour"]]
)
def test_a_question_that_cannot_be_asked_is_refused(used: Cli, arguments: list[str]) -> None:
    assert used("assets", *arguments).code == 2


def test_the_demo_inventory_comes_in_whole_once_and_again(used: Cli) -> None:
    with CSV.open(encoding="utf-8", newline="") as file:
        rows = list(DictReader(file))
    preview = used("assets", "import", "csv", str(CSV), "--dry-run").out
    assert preview.startswith(f"Preview of source csv: {len(rows)} added")
    assert used("assets", "count").out.startswith("6 assets")
    assert used("assets", "import", "csv", str(CSV)).out.startswith(f"Source csv: {len(rows)} added")
    assert used("assets", "count").out.startswith(f"{len(rows) + 6} assets")
    assert "unchanged" in used("assets", "import", "csv", str(CSV)).out
    by_site = json.loads(used("assets", "count", "--by", "site", "--where", "source=csv", "--json").out)["breakdown"]
    wanted = Counter(row["site"] for row in rows)
    assert {site: count for site, count in by_site.items() if site} == {s: n for s, n in wanted.items() if s}


def test_a_broken_file_is_told_line_by_line_and_nothing_comes_in(used: Cli, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("name,type,ip\na,switch,999.1.1.1\nb,switch,1.2.3.4\nc\n")
    done = used("assets", "import", "csv", str(file))
    assert (done.code, done.out) == (2, "")
    lines = done.err.splitlines()
    assert lines[-1].startswith("error import.bad_file: bad.csv: line ")
    assert sorted({line for text in lines for line in ("line 2, ip", "line 4") if line in text}) == [
        "line 2, ip",
        "line 4",
    ]
    assert used("assets", "count").out.startswith("6 assets")


@pytest.mark.parametrize("name", ["missing.csv", "", "/dev/null/x", "a\u0000b"])
def test_a_file_that_cannot_be_read_is_told(used: Cli, tmp_path: Path, name: str) -> None:
    done = used("assets", "import", "csv", str(tmp_path / name) if name else "")
    assert done.code == 2
    assert done.err.count("\n") == 1


def test_columns_are_mapped(used: Cli, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("Kasten;Art\n".replace(";", ",") + "sw-1,switch\n")
    assert used("assets", "import", "csv", str(file)).code == 2
    assert used("assets", "import", "csv", str(file), "--map", "Kasten=name", "--map", "Art=type").code == 0
    assert used("assets", "list", "--where", "type=switch").out.splitlines()[1].startswith("sw-1")
    assert used("assets", "import", "csv", str(file), "--map", "Kasten").code == 2


def test_an_ansible_inventory_and_a_netbox_export_come_in(used: Cli, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("[web]\nweb-09 ansible_host=192.0.2.9\n")
    done = used("assets", "import", "ansible", str(inventory), "--json")
    assert json.loads(done.out)["added"] == ["web-09"]
    export = tmp_path / "devices.csv"
    export.write_text("name,status,role,manufacturer,device_type,site\nsw-2,active,Access,Cisco,C9200,DC1\n")
    done = used("assets", "import", "netbox", str(export), "--kind", "device", "--dry-run", "--json")
    assert json.loads(done.out)["added"] == ["sw-2"]


def test_conditions_on_one_field_mean_either() -> None:
    assert filters_of(["type=a", " type = b ", "site="]) == {"type": ["a", "b"], "site": [""]}
    with pytest.raises(BadInput, match="--where takes NAME=VALUE"):
        filters_of(["=x"])


def test_several_faults_have_a_line_each_in_the_order_of_the_source() -> None:
    one = {"file": "", "line": 3, "column": "ip", "message": "no address"}
    assert fault_lines([one, {**one, "file": "b", "line": 0, "column": ""}]) == [
        "line 3, ip: no address",
        "b: no address",
    ]
    assert fault_lines([one]) == []
    assert fault_lines(None) == []
