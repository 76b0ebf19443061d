import os
from pathlib import Path

import pytest

from opsconductor.adapters.asset_records import MAX_FILE_BYTES, Faults, Record, build_assets, read_table, read_text
from opsconductor.domain.assets import Asset
from opsconductor.domain.errors import BadInput


def unreadable(path: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_text(path)
    assert caught.value.code == "import.unreadable"
    return caught.value


def build(**fields: str) -> Asset:
    (asset,) = build_assets([Record(fields=fields)], "default", "csv", Faults(source="x"))
    return asset


def test_a_file_that_is_missing_or_none_is_told(tmp_path: Path) -> None:
    assert unreadable(tmp_path / "gone.csv").message == "gone.csv cannot be read: No such file or directory."
    assert "cannot be read" in unreadable(tmp_path).message
    assert "U+0000" in unreadable(tmp_path / "a\0b").message


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert unreadable(tmp_path / "pipe").message == "pipe is no file."


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "big.csv"
    file.write_bytes(b"name\n" + b"a" * MAX_FILE_BYTES)
    assert unreadable(file).message == "big.csv is larger than 10 MiB."
    file.write_bytes(b"a" * MAX_FILE_BYTES)
    assert len(read_text(file)) == MAX_FILE_BYTES


def test_a_table_is_separated_as_its_header_is() -> None:
    for separator in (",", ";", "\t"):
        header, rows = read_table(f"a{separator}b\n1{separator}2\n", Faults(source="x"))
        assert (header, list(rows)) == (["a", "b"], [(2, ["1", "2"])])


@pytest.mark.parametrize(
    ("platform", "os", "expected"),
    [
        ("Ubuntu Linux 20.04", "", ("linux", "Ubuntu Linux 20.04")),
        ("linux", "", ("linux", "")),
        ("Linux", "Appliance 7", ("linux", "Appliance 7")),
        ("", "Windows 11", ("windows", "Windows 11")),
        ("VMware ESXi", "", ("", "VMware ESXi")),
    ],
)
def test_platform_and_system_are_told_apart(platform: str, os: str, expected: tuple[str, str]) -> None:
    asset = build(name="a", platform=platform, os=os)
    assert (asset.platform, asset.os) == expected


def test_a_type_that_is_missing_follows_from_the_system() -> None:
    assert build(name="a", os="Windows Server 2022").type == "windows_server"
    assert build(name="a", os="Windows Server 2022", type="Jump Host").type == "jump_host"


def test_the_same_name_in_another_unicode_form_is_the_same_asset() -> None:
    assert build(name="Zu\u0308rich").asset_id == build(name="Z\u00fcrich").asset_id


def test_numbers_are_whole_or_stay_text() -> None:
    faults = Faults(source="x")
    record = Record(fields={"name": "a"}, attributes={"vcpus": "2.00", "memory_mb": "0.5", "note": ""})
    (asset,) = build_assets([record], "default", "csv", faults)
    assert asset.attributes == {"vcpus": 2, "memory_mb": "0.5"}


@pytest.mark.parametrize("number", ["-1", "1e9", "٣", "1.2.3", "9" * 13, ".5"])
def test_what_is_no_number_is_a_fault(number: str) -> None:
    record = Record(fields={"name": "a"}, attributes={"vcpus": number}, line=4)
    with pytest.raises(BadInput, match="line 4, vcpus"):
        build_assets([record], "default", "csv", Faults(source="x"))


def test_no_asset_at_all_is_a_fault() -> None:
    with pytest.raises(BadInput, match="holds no asset"):
        build_assets([], "default", "csv", Faults(source="x"))
