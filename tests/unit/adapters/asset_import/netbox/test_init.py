from pathlib import Path

import pytest

from opsconductor.adapters.asset_import.netbox import open_importer
from opsconductor.domain.errors import OpsConductorError, Unavailable
from opsconductor.ports.asset_import import ImportOptions
from opsconductor.testing.doubles.netbox.objects import virtual_machine
from opsconductor.testing.doubles.netbox.server import NetBoxDouble, netbox_double


class OneSecret:
    async def get(self, tenant: str, reference: str) -> bytes:
        if (tenant, reference) != ("default", "netbox"):
            raise Unavailable("secret.missing", f"There is no credential {reference}.")
        return b"0123456789abcdef\n"


def a_netbox(token: str = "") -> NetBoxDouble:
    return NetBoxDouble(machines=[virtual_machine(1, {"name": "vm-1"})], token=token)


async def test_an_address_is_asked_and_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("Name,VCPUs,ID\nvm-1,,1\n")
    with netbox_double(a_netbox()) as netbox:
        asked = await open_importer().read(netbox.url, "default", ImportOptions())
    read = await open_importer().read(str(tmp_path / "export.csv"), "default", ImportOptions())
    assert [asset.asset_id for asset in asked.assets] == [asset.asset_id for asset in read.assets]
    assert (asked.source, read.source) == ("netbox", "netbox")


async def test_the_named_token_is_fetched_and_sent() -> None:
    with netbox_double(a_netbox("0123456789abcdef")) as netbox:
        await open_importer(OneSecret()).read(netbox.url, "default", ImportOptions(token_ref="netbox"))
        assert set(netbox.tokens) == {"Token 0123456789abcdef"}
        with pytest.raises(OpsConductorError) as caught:
            await open_importer(OneSecret()).read(netbox.url, "acme", ImportOptions(token_ref="netbox"))
        assert caught.value.code == "secret.missing"


async def test_a_netbox_that_lets_anybody_read_needs_no_token() -> None:
    with netbox_double(a_netbox()) as netbox:
        assert len((await open_importer(OneSecret()).read(netbox.url, "default", ImportOptions())).assets) == 1
        assert set(netbox.tokens) == {""}
