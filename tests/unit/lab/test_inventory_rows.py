from pathlib import Path

from opsconductor.domain.assets import AssetService
from opsconductor.lab.hosts import LabHost
from opsconductor.lab.inventory_rows import inventory_rows


def test_a_row_holds_all_that_the_inventory_and_the_connector_need() -> None:
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
    assert inventory_rows([host], "Debian GNU/Linux 12") == [
        {
            "name": "app-01",
            "type": "linux_server",
            "platform": "linux",
            "os": "Debian GNU/Linux 12",
            "environment": "staging",
            "site": "lab",
            "role": "application",
            "ip": "127.0.0.1",
            "services": [{"name": "billing", "port": 20_080}],
            "criticality": "medium",
            "connection": {
                "connector": "ssh",
                "port": 20_022,
                "username": "ops",
                "credential_ref": "lab-ssh-key",
                "host_key": "ssh-ed25519 AAAA",
            },
            "source": "lab",
            "source_id": "app-01",
        }
    ]
