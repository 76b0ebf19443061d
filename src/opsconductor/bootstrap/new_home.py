"""What a new home is given: two identities, six workstations; and the lab's hosts where they are wanted."""

import os
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import opsconductor
from opsconductor.adapters.kept_vectors import write_atomically
from opsconductor.bootstrap.engine import FirstStart
from opsconductor.domain.assets import Asset
from opsconductor.domain.errors import Conflict
from opsconductor.domain.identity import Identity, Role, Token
from opsconductor.domain.token_secrets import new_token, token_hash
from opsconductor.ports.asset_store import AssetStore
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.ids import Ids
from opsconductor.ports.storage import Storage
from opsconductor.services.asset_service.lab_assets import assets_from_lab
from opsconductor.settings import Settings

if TYPE_CHECKING:
    from opsconductor.lab import LabHost


async def first_start(storage: Storage, tenant: str, clock: Clock, ids: Ids) -> FirstStart | None:
    """Give a new home its two identities; None when it has some already, or another process was faster."""
    if await storage.identities(tenant):
        return None
    now = timestamp(clock.now())
    requester = Identity(
        identity_id=ids.new("idn"),
        tenant=tenant,
        name="requester",
        roles=frozenset({Role.REQUESTER, Role.ADMIN}),
        os_uid=os.getuid(),
    )
    approver = Identity(identity_id=ids.new("idn"), tenant=tenant, name="approver", roles=frozenset({Role.APPROVER}))
    secret = new_token()
    unit = storage.begin()
    unit.add_identity(requester)
    unit.add_identity(approver)
    unit.add_token(
        Token(
            token_id=ids.new("tok"),
            identity_id=approver.identity_id,
            kind="bearer",
            label="first start",
            token_hash=token_hash(secret),
            created_at=now,
        )
    )
    try:
        await unit.commit()
    except Conflict:
        return None
    return FirstStart(requester=requester.name, approver=approver.name, approver_token=secret)


def seed_cache(cache: Path) -> None:
    """Give a home what was learned from the default pack when it was packaged; it is believed only by its digests."""
    shipped = Path(opsconductor.__file__).parent / "packs" / "learned"
    for file in shipped.glob("*.bin"):
        if not (cache / file.name).exists():
            with suppress(OSError):  # a home that cannot be written only learns again
                write_atomically(cache / file.name, file.read_bytes())


async def put(store: AssetStore, tenant: str, source: str, assets: tuple[Asset, ...], *, retire_missing: bool) -> None:
    """Enter `assets` under `source`, and retire its others where asked; audited as the system's doing."""
    await store.put_assets(tenant, source, assets, retire_missing=retire_missing, dry_run=False, actor="system")


async def open_lab(
    stack: AsyncExitStack, settings: Settings, store: AssetStore, wanted: bool | None
) -> tuple["LabHost", ...]:
    """Start the lab and register its hosts (True), retire them (False), or leave everything as it is (None)."""
    if wanted is None:
        return ()
    if not wanted:
        await put(store, settings.tenant, "lab", (), retire_missing=True)
        return ()
    from opsconductor.lab import Lab  # asyncssh's server side: only who wants a lab pays for it

    lab = await stack.enter_async_context(Lab(settings.home / "lab"))
    await put(store, settings.tenant, "lab", assets_from_lab(lab.assets(), settings.tenant), retire_missing=True)
    return tuple(lab.hosts)
