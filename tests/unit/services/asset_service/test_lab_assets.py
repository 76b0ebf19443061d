from pathlib import Path

import pytest

from opsconductor.domain.assets import AssetService
from opsconductor.lab.hosts import LabHost
from opsconductor.lab.inventory_rows import inventory_rows
from opsconductor.services.asset_service.lab_assets import assets_from_lab


def test_a_host_of_the_lab_becomes_an_asset() -> None:
    host = LabHost(
        name="app-01",
        address="127.0.0.1",
        port=20_022,
        username="ops",
        host_key="ssh-ed25519 AAAA",
        private_key_path=Path("/lab/keys/client"),
        environment="staging",
        services=(AssetService(name="billing", port=20_080),),
        role="application",
        criticality="medium",
        directory=Path("/lab/app-01"),
    )
    (asset,) = assets_from_lab(inventory_rows([host], "Debian GNU/Linux 12"), "default")
    assert (asset.name, asset.type, asset.platform, asset.os) == (
        *("app-01", "linux_server", "linux", "Debian GNU/Linux 12"),
    )
    assert (asset.environment, asset.site, asset.role, asset.ip) == ("staging", "lab", "application", "127.0.0.1")
    assert (asset.source, asset.source_id, asset.tenant) == ("lab", "app-01", "default")
    assert asset.services == (AssetService(name="billing", port=20_080),)
    assert asset.connection == {
        "connector": "ssh",
        "port": 20_022,
        "username": "ops",
        "credential_ref": "lab-ssh-key",
        "host_key": "ssh-ed25519 AAAA",
    }


def test_a_row_that_lacks_something_is_no_asset() -> None:
    with pytest.raises(KeyError):
        assets_from_lab([{"name": "app-01", "source_id": "app-01"}], "default")
