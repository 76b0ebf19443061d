import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsconductor.adapters.asset_import.netbox import open_importer
from opsconductor.adapters.asset_import.netbox.api import is_overheard
from opsconductor.domain.errors import OpsConductorError, Unavailable
from opsconductor.ports.asset_import import ImportedAssets, ImportOptions
from opsconductor.testing.doubles.netbox.objects import device, virtual_machine
from opsconductor.testing.doubles.netbox.server import DEVICES, NetBoxDouble, netbox_double

DEMO = Path(__file__).parents[4] / "data" / "netbox-demo-assets.csv"
MAKE = {"device": device, "virtual_machine": virtual_machine}


class OneSecret:
    async def get(self, tenant: str, reference: str) -> bytes:
        if (tenant, reference) != ("default", "netbox"):
            raise Unavailable("secret.missing", f"There is no credential {reference}.")
        return b"0123456789abcdef\n"


@pytest.fixture
def netbox() -> Iterator[NetBoxDouble]:
    rows = list(csv.DictReader(DEMO.read_text("utf-8").splitlines()))
    made = {kind: [make(n, r) for n, r in enumerate(rows, 1) if r["type"] == kind] for kind, make in MAKE.items()}
    double = NetBoxDouble(devices=made["device"], machines=made["virtual_machine"], token="0123456789abcdef")
    with netbox_double(double):
        yield double


async def read(url: str, token_ref: str = "netbox") -> ImportedAssets:
    return await open_importer(OneSecret()).read(url, "default", ImportOptions(token_ref=token_ref))


async def refusal(url: str, token_ref: str = "netbox") -> OpsConductorError:
    with pytest.raises(OpsConductorError) as caught:
        await read(url, token_ref)
    return caught.value


async def test_every_page_is_read(netbox: NetBoxDouble) -> None:
    imported = await read(netbox.url)
    rows = list(csv.DictReader(DEMO.read_text("utf-8").splitlines()))
    assert len(imported.assets) == len(rows) == 252
    for field, column in (
        ("type", "type"),
        ("role", "role"),
        ("site", "site"),
        ("owner", "tenant"),
        ("os", "platform"),
    ):
        counted = Counter(getattr(asset, field) for asset in imported.assets)
        assert counted == Counter(row[column] for row in rows), field
    assert len([path for path in netbox.asked if path.startswith(DEVICES)]) == 2
    assert len(netbox.asked) == 6
    assert set(netbox.tokens) == {"Token 0123456789abcdef"}
    assert imported.warnings == ()


async def test_the_same_netbox_gives_the_same_assets(netbox: NetBoxDouble) -> None:
    assert await read(netbox.url) == await read(netbox.url + "/api/")


async def test_an_object_is_read_with_all_it_says(netbox: NetBoxDouble) -> None:
    netbox.devices = [
        device(
            7,
            {"name": "db-01", "role": "Server", "model": "R650", "manufacturer": "Dell", "platform": "Debian 12"}
            | {"site": "HQ", "tenant": "Finance", "status": "staged", "ip": "10.0.0.7/24", "rack": "R1"}
            | {"environment": "Prod", "tags": "blue green", "serial": "S1"},
        )
    ]
    netbox.machines = [virtual_machine(7, {"name": "", "vcpus": "0.5", "memory_mb": "2048", "cluster": "C1"})]
    first, second = (await read(netbox.url)).assets
    assert (first.name, first.type, first.role, first.os, first.platform) == (
        *("db-01", "device", "Server", "Debian 12", "linux"),
    )
    assert (first.site, first.owner, first.status, first.ip, first.environment) == (
        *("HQ", "Finance", "staged", "10.0.0.7", "production"),
    )
    about = {"model": "R650", "manufacturer": "Dell", "serial": "S1", "rack": "R1", "tags": ["blue", "green"]}
    assert first.attributes == about
    assert (first.source, first.source_id, second.source_id) == ("netbox", "device:7", "virtual_machine:7")
    assert (second.name, second.attributes) == (
        "virtual-machine-7",
        {"vcpus": "0.5", "memory_mb": 2048, "cluster": "C1"},
    )
    assert "not-to-be-imported" not in repr((first, second))


async def test_a_wrong_or_missing_token_is_told(netbox: NetBoxDouble) -> None:
    error = await refusal(netbox.url, "")
    assert (error.code, "refuses the token" in error.message) == ("import.unreadable", True)
    assert (await refusal(netbox.url, "other")).code == "secret.missing"


async def test_the_token_goes_to_the_named_address_only(netbox: NetBoxDouble) -> None:
    with netbox_double(NetBoxDouble()) as thief:
        netbox.next_origin = thief.url
        assert len((await read(netbox.url)).assets) == 252
        assert thief.asked == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "redirects"),
        ((500, {}, b"oops"), "answers with status 500"),
        ((404, {}, b"{}"), "answers with status 404"),
        ((200, {}, b"<html>Welcome</html>"), "is no NetBox"),
        ((200, {}, b"[1, 2]"), "is no NetBox"),
        ((200, {}, b'{"count": 1, "next": null, "results": [{"url": "x"}]}'), "is no NetBox"),
        ((200, {}, b'{"count": 3, "next": null, "results": []}'), "changed while"),
    ],
)
async def test_what_is_no_netbox_is_told_and_nothing_is_imported(
    netbox: NetBoxDouble, answer: tuple[int, dict[str, str], bytes], words: str
) -> None:
    netbox.interfere = lambda path: answer
    error = await refusal(netbox.url)
    assert error.code == "import.unreadable"
    assert words in error.message
    assert "0123456789abcdef" not in error.message


async def test_a_netbox_that_breaks_off_between_pages_is_not_half_imported(netbox: NetBoxDouble) -> None:
    netbox.interfere = lambda path: (503, {}, b"{}") if "offset=100" in path else None
    assert "status 503" in (await refusal(netbox.url)).message


@pytest.mark.parametrize("kept", [180, 179], ids=["one more", "one in place of another"])
async def test_an_object_that_moves_between_pages_is_noticed(netbox: NetBoxDouble, kept: int) -> None:
    machines = list(netbox.machines)[:kept]

    def change(path: str) -> None:
        if "offset=50" in path and "virtual-machines" in path:
            netbox.machines = [virtual_machine(9_999, {"name": "new"}), *machines]

    netbox.interfere = change  # type: ignore[assignment]
    assert "changed while" in (await refusal(netbox.url)).message


async def test_an_empty_netbox_is_a_fault_and_no_reason_to_retire_everything(netbox: NetBoxDouble) -> None:
    netbox.devices = netbox.machines = []
    error = await refusal(netbox.url)
    assert (error.code, "holds no asset" in error.message) == ("import.bad_file", True)


async def test_a_bad_object_is_a_fault(netbox: NetBoxDouble) -> None:
    netbox.devices = [device(1, {"name": "a", "ip": "not-an-address"}), device(2, {"name": "b\u202ec"})]
    error = await refusal(netbox.url)
    assert (error.code, error.facts["fault_count"]) == ("import.bad_file", 2)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1", "http://user:pw@127.0.0.1", "http://127.0.0.1/?x=1", "http://", "http://[::1", "http://h:x"],
)
async def test_an_address_that_cannot_be_used_is_told(url: str) -> None:
    assert (await refusal(url)).code == "import.unreadable"


@pytest.mark.parametrize(
    ("origin", "overheard"),
    [
        ("http://netbox.example", True),
        ("http://10.0.0.1:8000", True),
        ("https://netbox.example", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://localhost", False),
    ],
)
def test_a_token_that_travels_in_clear_text_is_noticed(origin: str, overheard: bool) -> None:
    assert is_overheard(origin) is overheard
