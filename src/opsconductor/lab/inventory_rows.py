"""The lab's hosts as rows for the inventory."""

from collections.abc import Iterable

from opsconductor.domain.json_value import Json
from opsconductor.lab.hosts import CREDENTIAL_REF, LabHost

SOURCE = "lab"


def inventory_rows(hosts: Iterable[LabHost], os_name: str) -> list[dict[str, Json]]:
    """One plain row a host; `os_name` is the system of the machine they all run on."""
    return [
        {
            "name": host.name,
            "type": "linux_server",
            "platform": "linux",
            "os": os_name,
            "environment": host.environment,
            "site": "lab",
            "role": host.role,
            "ip": host.address,
            "services": [{"name": service.name, "port": service.port} for service in host.services],
            "criticality": host.criticality,
            "connection": {
                "connector": "ssh",
                "port": host.port,
                "username": host.username,
                "credential_ref": CREDENTIAL_REF,
                "host_key": host.host_key,
            },
            "source": SOURCE,
            "source_id": host.name,
        }
        for host in hosts
    ]
