from pathlib import Path

import pytest

from opsconductor.adapters.asset_import.netbox import open_importer
from opsconductor.domain.errors import BadInput
from opsconductor.ports.asset_import import ImportedAssets, ImportOptions

DEVICES = (
    "Name,Status,Tenant,Site,Location,Rack,Role,Manufacturer,Type,Platform,Serial Number,IP Address,Tags,ID\n"
    'dmi01-akron-rtr01,Active,"Dunder-Mifflin, Inc.",DM-Akron,—,Comms,Router,Cisco,ISR 1111-8P,Cisco IOS,S1,'
    '10.1.1.1/24,"a,b",4\n'
    ",Planned,—,DM-Akron,—,—,Patch Panel,Generic,48-Port,—,,—,,5\n"
)
MACHINES = (
    "Name,Status,Site,Cluster,Role,Tenant,Platform,VCPUs,Memory (MB),IPv4 Address\n"
    "vm-1,Active,—,C1,Application Server,—,Ubuntu Linux 20.04,2.00,2048,10.0.0.1/24\n"
)
BULK = "name,device_role,tenant,manufacturer,device_type,platform,site,status\nsw-1,Switch,,Cisco,C9200,,HQ,active\n"


async def read(folder: Path, content: str, kind: str = "") -> ImportedAssets:
    (folder / "export.csv").write_text(content, "utf-8")
    return await open_importer().read(folder / "export.csv", "default", ImportOptions(kind=kind))


async def test_exported_devices_are_read(tmp_path: Path) -> None:
    first, second = (await read(tmp_path, DEVICES)).assets
    assert (first.name, first.type, first.role, first.site, first.owner, first.status) == (
        *("dmi01-akron-rtr01", "device", "Router", "DM-Akron", "Dunder-Mifflin, Inc.", "active"),
    )
    assert (first.os, first.platform, first.ip, first.source_id) == ("Cisco IOS", "network", "10.1.1.1", "device:4")
    about = {"rack": "Comms", "manufacturer": "Cisco", "model": "ISR 1111-8P", "serial": "S1", "tags": "a,b"}
    assert first.attributes == about
    assert (second.name, second.status, second.owner, second.os) == ("device-5", "planned", "", "")


async def test_exported_virtual_machines_are_read(tmp_path: Path) -> None:
    (machine,) = (await read(tmp_path, MACHINES)).assets
    assert (machine.type, machine.platform, machine.ip, machine.site) == ("virtual_machine", "linux", "10.0.0.1", "")
    assert machine.attributes == {"cluster": "C1", "vcpus": 2, "memory_mb": 2048}


async def test_the_wording_of_the_import_format_is_read_too(tmp_path: Path) -> None:
    (asset,) = (await read(tmp_path, BULK)).assets
    assert (asset.type, asset.role, asset.attributes["model"]) == ("device", "Switch", "C9200")


async def test_an_export_with_ids_names_the_same_assets_as_the_api(tmp_path: Path) -> None:
    (asset,) = (await read(tmp_path, "Name,VCPUs,ID\nvm-1,1,9\n")).assets
    assert asset.source_id == "virtual_machine:9"


async def test_columns_that_do_not_tell_need_the_kind(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="tell neither devices nor virtual machines"):
        await read(tmp_path, "Name,Status\na,Active\n")
    assert (await read(tmp_path, "Name,Status\na,Active\n", "device")).assets[0].type == "device"
    with pytest.raises(BadInput) as caught:
        await read(tmp_path, "Name\na\n", "toaster")
    assert caught.value.code == "request.invalid"


async def test_faults_are_told_by_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        await read(tmp_path, "Name,Type,IP Address\na,x,10.0.0.1/24\n,x,\nb,x,nowhere\nc,x\n")
    found = [(f["line"], f["column"]) for f in caught.value.facts["faults"]]  # type: ignore[union-attr, call-overload, index]
    assert found == [(5, ""), (3, "name"), (4, "ip")]


@pytest.mark.parametrize(("content", "words"), [("Type\nx\n", "no column Name"), ("Name,name,Type\na,b,c\n", "second")])
async def test_a_table_that_is_no_export_is_told(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        await read(tmp_path, content)


async def test_comments_and_credentials_are_left_out(tmp_path: Path) -> None:
    imported = await read(tmp_path, "Name,Type,Comments,Enable Secret\na,x,call Bob,hunter2\n")
    assert imported.assets[0].attributes == {"model": "x"}
    assert imported.warnings == ("Column 'Enable Secret' was left out: an inventory keeps no credentials.",)
