"""The engine's own asset service: how this process proves who it is, and which addresses are known."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from ipaddress import ip_address

from opsconductor.ports.inventory import Inventory
from opsconductor.services.asset_service.app import Verify
from opsconductor.settings import Settings


class ServiceTokens:
    """Bearer tokens between this process and its own asset service: random, per tenant, never stored."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._tenants: dict[str, str] = {}

    def of_tenant(self, tenant: str) -> str:
        """The token that speaks for `tenant`."""
        if tenant not in self._tokens:
            self._tokens[tenant] = secrets.token_urlsafe(32)
            self._tenants[self._tokens[tenant]] = tenant
        return self._tokens[tenant]

    def tenant_of(self, token: str) -> str | None:
        """Whose token that is."""
        return self._tenants.get(token)

    def or_else(self, verify: Verify | None) -> Verify:
        """This check first, then that of other programs' tokens where there is one."""

        async def tenant_of_any(token: str) -> str | None:
            own = self.tenant_of(token)
            if own is not None or verify is None:
                return own
            found = verify(token)
            return await found if isawaitable(found) else found

        return tenant_of_any


def home_id_of(settings: Settings) -> str:
    """Names this home without telling its path."""
    return hashlib.sha256(str(settings.database).encode()).hexdigest()[:16]


def known_addresses(inventory: Inventory) -> Callable[[str, str, int], Awaitable[bool]]:
    """A question the HTTP connector may ask: does an asset of this tenant have this address?

    On loopback, where the engine's own services listen too, the port must be that of a service of the asset.
    """

    async def known(tenant: str, address: str, port: int) -> bool:
        mentions = await inventory.resolve(tenant, (address,))
        found = [match.asset_id for mention in mentions for match in mention.matches if match.exact]
        if not found or not ip_address(address).is_loopback:
            return bool(found)
        assets = await inventory.assets(tenant, found)
        return any(service.port == port for asset in assets for service in asset.services)

    return known
