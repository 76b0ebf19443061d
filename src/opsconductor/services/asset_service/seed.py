"""The six workstations that a fresh home knows, so that the first question has an answer."""

from opsconductor.domain.asset_naming import asset_id
from opsconductor.domain.assets import Asset

SOURCE = "seed"
NAMES = ("WS-01", "WS-02", "WS-03", "WS-04", "WS-05", "WS-06")


def seed_assets(tenant: str) -> tuple[Asset, ...]:
    """The six Windows workstations of `tenant`; the same at every call."""
    return tuple(
        Asset(
            asset_id=asset_id(tenant, SOURCE, name),
            tenant=tenant,
            name=name,
            type="windows_workstation",
            source=SOURCE,
            source_id=name,
            role="Workstation",
            platform="windows",
            os="Windows 11",
            environment="production",
            site="HQ",
            owner="Operations",
            # Addresses of the block kept for documentation: nobody's machine answers there.
            ip=f"192.0.2.{number}",
        )
        for number, name in enumerate(NAMES, start=11)
    )
