"""Assets from NetBox: devices and virtual machines, over its REST API or from its CSV exports."""

import asyncio
from pathlib import Path

from opsconductor.adapters.asset_import.netbox.api import read_api
from opsconductor.adapters.asset_import.netbox.export import read_export
from opsconductor.adapters.asset_records import Faults, build_assets
from opsconductor.ports.asset_import import ImportedAssets, ImportOptions
from opsconductor.ports.secrets import Secrets

SOURCE = "netbox"


class NetBoxImporter:
    """Reads a NetBox at an http(s) address, or a file that NetBox exported."""

    def __init__(self, secrets: Secrets | None) -> None:
        """`secrets` gives the API token that `ImportOptions.token_ref` names."""
        self._secrets = secrets

    async def read(self, source: str | Path, tenant: str, options: ImportOptions) -> ImportedAssets:
        """See the port."""
        named = str(source)
        if named.startswith(("http://", "https://")):
            faults = Faults(source=named)
            token = await self._token(tenant, options.token_ref)
            records, warnings = await asyncio.to_thread(read_api, named, token)
        else:
            path = Path(named)
            faults = Faults(source=path.name)
            records, warnings = await asyncio.to_thread(read_export, path, options.kind, faults)
        assets = build_assets(records, tenant, SOURCE, faults)
        return ImportedAssets(source=SOURCE, assets=assets, warnings=tuple(warnings))

    async def _token(self, tenant: str, reference: str) -> str:
        if not reference or self._secrets is None:
            return ""  # some NetBox installations let anybody read
        return (await self._secrets.get(tenant, reference)).decode("utf-8", "replace").strip()


def open_importer(secrets: Secrets | None = None) -> NetBoxImporter:
    """The engine; without `secrets` it sends no token."""
    return NetBoxImporter(secrets)
