import csv
from collections import Counter
from pathlib import Path

import pytest

from opsconductor.adapters.asset_import.csv import open_importer
from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.asset_import import ImportedAssets, ImportOptions

DEMO = Path(__file__).parents[3] / "data" / "netbox-demo-assets.csv"


async def read(folder: Path, content: str | bytes, columns: dict[str, str] | None = None) -> ImportedAssets:
    file = folder / "assets.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return await open_importer().read(file, "default", ImportOptions(columns=columns or {}))


async def one(folder: Path, content: str) -> Asset:
    (asset,) = (await read(folder, content)).assets
    return asset


async def faults(folder: Path, content: str | bytes, columns: dict[str, str] | None = None) -> list[dict[str, Json]]:
    with pytest.raises(BadInput) as caught:
        await read(folder, content, columns)
    assert caught.value.code == "import.bad_file"
    found = caught.value.facts["faults"]
    assert isinstance(found, list)
    return found


async def test_the_demo_inventory_gives_what_its_rows_say() -> None:
    read = await open_importer().read(DEMO, "default", ImportOptions())
    rows = list(csv.DictReader(DEMO.read_text("utf-8").splitlines()))
    assert Counter(asset.type for asset in read.assets) == {"device": 72, "virtual_machine": 180}
    for field, column in (("role", "role"), ("site", "site"), ("owner", "tenant"), ("os", "platform")):
        assert Counter(getattr(asset, field) for asset in read.assets) == Counter(row[column] for row in rows)
    assert Counter(asset.platform for asset in read.assets) == {"linux": 180, "network": 13, "": 59}
    assert {asset.tenant for asset in read.assets} == {"default"}
    assert len({asset.asset_id for asset in read.assets}) == 252
    assert read.warnings == ()


async def test_the_same_file_gives_the_same_assets() -> None:
    first, second = [await open_importer().read(DEMO, "default", ImportOptions()) for _ in range(2)]
    assert first == second


async def test_every_column_finds_its_field(tmp_path: Path) -> None:
    asset = await one(
        tmp_path,
        "name,type,role,model,platform,site,tenant,status,ip,vcpus,memory_mb,environment,os,services,criticality,rack\n"
        "db-01,Linux Server,Database,R650,linux,HQ,Finance,Active,10.0.0.7/24,4,0.0,Prod,Debian 12,ledger:432,HIGH,7\n",
    )
    assert (asset.name, asset.type, asset.role, asset.site, asset.owner) == (
        *("db-01", "linux_server", "Database", "HQ", "Finance"),
    )
    assert (asset.platform, asset.os, asset.status, asset.ip) == ("linux", "Debian 12", "active", "10.0.0.7")
    assert (asset.environment, asset.criticality) == ("production", "high")
    assert asset.services == (AssetService(name="ledger", port=432),)
    assert asset.attributes == {"model": "R650", "vcpus": 4, "memory_mb": 0, "rack": "7"}
    assert (asset.tenant, asset.source) == ("default", "csv")


async def test_a_file_with_names_alone_is_enough(tmp_path: Path) -> None:
    asset = await one(tmp_path, "Hostname\nweb-01\n")
    assert (asset.name, asset.type, asset.platform, asset.criticality) == ("web-01", "asset", "", "medium")


async def test_a_spreadsheet_of_another_country_is_read(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + "name;type;site\r\nws-1;Windows Workstation;Z\u00fcrich\r\n\r\n".encode()
    (asset,) = (await read(tmp_path, content)).assets
    assert (asset.type, asset.site) == ("windows_workstation", "Zürich")


async def test_columns_are_mapped_as_the_caller_says(tmp_path: Path) -> None:
    content = "Geraet,Ort,Kommentar\nsw-1,Bern,old\n"
    asset = (await read(tmp_path, content, {"Geraet": "name", "Ort": "site", "Kommentar": ""})).assets[0]
    assert (asset.name, asset.site, asset.attributes) == ("sw-1", "Bern", {})


async def test_an_unknown_field_to_map_to_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        await read(tmp_path, "a\nb\n", {"a": "tenant"})
    assert caught.value.code == "request.invalid"


async def test_an_id_column_is_the_identity(tmp_path: Path) -> None:
    before = await one(tmp_path, "id,name,site\n17,app-01,A\n")
    after = await one(tmp_path, "id,name,site\n17,app-01,B\n")
    assert (before.source_id, before.asset_id) == (after.source_id, after.asset_id) == ("17", before.asset_id)


async def test_without_ids_the_identity_is_name_type_site_and_owner(tmp_path: Path) -> None:
    assets = (await read(tmp_path, "name,type,site,tenant\na,x,s,o\na,y,s,o\na,x,t,o\na,x,s,p\n")).assets
    assert len({asset.asset_id for asset in assets}) == 4


async def test_a_tenant_column_is_the_owner_and_never_the_isolation_tenant(tmp_path: Path) -> None:
    asset = await one(tmp_path, "name,tenant\na,Evil Corp\n")
    assert (asset.tenant, asset.owner) == ("default", "Evil Corp")


async def test_owner_beside_tenant_keeps_both(tmp_path: Path) -> None:
    asset = await one(tmp_path, "name,tenant,owner\na,T,O\n")
    assert (asset.owner, asset.attributes) == ("O", {"tenant": "T"})


async def test_cells_that_look_like_formulas_stay_text(tmp_path: Path) -> None:
    asset = await one(tmp_path, "name,role,note\n=1+1,@SUM(A1),\"=cmd|' /C calc'!A0\"\n")
    assert (asset.name, asset.role, asset.attributes["note"]) == ("=1+1", "@SUM(A1)", "=cmd|' /C calc'!A0")


async def test_columns_with_credentials_are_left_out_and_told(tmp_path: Path) -> None:
    imported = await read(tmp_path, "name,Root Password\na,hunter2\n")
    assert "hunter2" not in repr(imported)
    assert imported.warnings == ("Column 'Root Password' was left out: an inventory keeps no credentials.",)


async def test_every_fault_is_told_with_its_line_and_nothing_is_imported(tmp_path: Path) -> None:
    found = await faults(
        tmp_path,
        "name,type,ip,vcpus,criticality,services\n"
        "good,server,10.0.0.1,2,low,ssh:22\n"
        ",server,10.0.0.2,2,low,\n"
        "bad-ip,server,300.1.1.1,2,low,\n"
        'bad-number,server,,"many",low,\n'
        "bad-level,server,,,urgent,\n"
        "bad-service,server,,,,web:99999\n"
        "short,server\n"
        "Good,SERVER,10.0.0.9,,,\n"
        "spoof\u202e1,server,,,,\n",
    )
    assert [(fault["line"], fault["column"]) for fault in found] == [
        (8, ""),
        (3, "name"),
        (4, "ip"),
        (5, "vcpus"),
        (6, "criticality"),
        (7, "services"),
        (9, "name"),
        (10, "name"),
    ]
    assert found[0]["message"] == "2 cells where the header has 6"
    assert found[2]["message"] == "'300.1.1.1' is no IP address"
    assert found[6]["message"] == "the same name, type, site and owner as line 2"
    assert found[7]["message"] == "holds a character that nobody can see, U+202E"


async def test_the_line_of_a_fault_counts_lines_inside_cells(tmp_path: Path) -> None:
    (fault,) = await faults(tmp_path, 'name,ip,note\na,,"two\nlines"\nb,nowhere,\n')
    assert fault["line"] == 4


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 1, "the file is empty"),
        (b"\n\n", 1, "the file is empty"),
        (b"name,type\n", 0, "it holds no asset"),
        (b"type,site\nserver,HQ\n", 1, "no column for the name"),
        (b"name,Name\na,b\n", 1, "a second column for name"),
        (b"name,note\na,\xff\xfe\n", 2, "not UTF-8"),
        ("name\nä\n".encode("utf-16"), 1, "not UTF-8"),
        (b"name\na\nb\x00c\n", 3, "U+0000"),
        (b'name,note\na,"never closed\n', 2, "no table row"),
        (b"name,,\na,1,\n", 2, "a column without a name"),
        (b"name,note\na," + b"x" * 200_000 + b"\n", 2, "no table row"),
        (b"name\n" + b"n" * 300 + b"\n", 2, "longer than 253 characters"),
    ],
)
async def test_a_file_that_is_no_table_is_told(tmp_path: Path, content: bytes, line: int, words: str) -> None:
    (fault,) = await faults(tmp_path, content)
    assert fault["line"] == line
    assert words in str(fault["message"])


async def test_a_mapped_column_that_is_missing_is_told(tmp_path: Path) -> None:
    found = await faults(tmp_path, "name\na\n", {"Hostname": "name"})
    assert found[0]["message"] == "there is no column 'Hostname'"


async def test_a_thousand_faults_are_counted_and_a_hundred_shown(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        await read(tmp_path, "name,ip\n" + "a,b\n" * 1 + "".join(f"n{i},wrong\n" for i in range(999)))
    assert caught.value.facts["fault_count"] == 1000
    assert len(caught.value.facts["faults"]) == 100  # type: ignore[arg-type]
    assert caught.value.message == "assets.csv: line 2, ip: 'b' is no IP address (999 more)."
