"""Keeps the heads of the audit chains outside the store, so that rows cut off a chain's end are missed."""

from opsconductor.domain.audit import AuditHead
from opsconductor.ports.audit import AuditAnchor
from opsconductor.ports.storage import Storage


class AnchorAudit:
    """Moves the anchor forward to where the chains have come."""

    def __init__(self, storage: Storage, anchor: AuditAnchor) -> None:
        self._storage = storage
        self._anchor = anchor
        self._kept: dict[str, int] = {}

    async def run_once(self) -> int:
        """Anchor every chain that has grown; how many had. Raises `store.*`, `audit.broken`, `home.unusable`."""
        grown: dict[str, AuditHead] = {}
        for tenant in await self._storage.tenants():
            seq, hash_ = await self._storage.audit_head(tenant)
            if seq > self._kept.get(tenant, 0):
                grown[tenant] = AuditHead(seq=seq, hash=hash_)
        if grown:
            self._anchor.keep(grown)
            self._kept |= {tenant: head.seq for tenant, head in grown.items()}
        return len(grown)
