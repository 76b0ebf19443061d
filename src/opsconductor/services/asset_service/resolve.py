"""What the inventory knows under the words of a sentence: exact names, addresses and services, then near names."""

import asyncio
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace

from opsconductor.domain.assets import AssetMatch, Mention
from opsconductor.ports.asset_store import AssetStore
from opsconductor.services.asset_service.near_names import NearNames, looks_like_name, near_word

LONGEST_NAME = 253
MOST_NEAR_TEXTS = 100
KEPT_TENANTS = 16


@dataclass(frozen=True, kw_only=True)
class _Spelling:
    """The names of one tenant as of one revision."""

    revision: int
    names: NearNames
    services: tuple[str, ...]


class Resolver:
    """Finds mentions in one store; keeps the names of a revision so that near spellings are found fast."""

    def __init__(self, store: AssetStore) -> None:
        """Nothing is read from the store yet."""
        self._store = store
        self._spellings: dict[str, _Spelling] = {}

    async def resolve(self, tenant: str, texts: Sequence[str]) -> list[Mention]:
        """One mention a text that means anything, in the order of the texts; a name wins over a service."""
        wanted = {text: _canonical(text) for text in texts if 0 < len(text.strip()) <= LONGEST_NAME}
        if not wanted:
            return []
        keys = list(dict.fromkeys(wanted.values()))
        hosts = dict(zip(keys, await self._store.match(tenant, keys), strict=True))
        left = [key for key in keys if not hosts[key]]
        services = dict(zip(left, await self._store.running_service(tenant, left), strict=True)) if left else {}
        near = await self._near(tenant, [key for key in left if not services[key]])
        mentions = []
        for text, key in wanted.items():
            if hosts[key]:
                mentions.append(Mention(text=text, kind="ip" if _is_address(key) else "host", matches=hosts[key]))
            elif services[key]:
                mentions.append(Mention(text=text, kind="service", matches=services[key]))
            elif key in near:
                kind, matches = near[key]
                mentions.append(Mention(text=text, kind=kind, matches=matches))
        return mentions

    async def _near(self, tenant: str, keys: Sequence[str]) -> dict[str, tuple[str, tuple[AssetMatch, ...]]]:
        names = [key for key in keys if looks_like_name(key) and not _is_address(key)][:MOST_NEAR_TEXTS]
        words = [key for key in keys if key not in names and len(key) >= 5 and key.isalpha()]
        if not names and not words:
            return {}
        spelling = await self._spelling(tenant)
        found: dict[str, tuple[str, tuple[AssetMatch, ...]]] = {}
        for key in names:
            await asyncio.sleep(0)  # at 100,000 names a text takes milliseconds: let others run between two
            if hosts := await self._near_hosts(tenant, spelling, key):
                found[key] = ("host", hosts)
        for key in [*words, *(key for key in names if key not in found)]:
            if running := await self._near_services(tenant, spelling, key):
                found[key] = ("service", running)
        return found

    async def _near_hosts(self, tenant: str, spelling: _Spelling, key: str) -> tuple[AssetMatch, ...]:
        near = spelling.names.near(key)
        matches = await self._store.match(tenant, [name for name, _ in near]) if near else ()
        return _inexact(near, matches)

    async def _near_services(self, tenant: str, spelling: _Spelling, key: str) -> tuple[AssetMatch, ...]:
        near = near_word(key, spelling.services)
        matches = await self._store.running_service(tenant, [name for name, _ in near]) if near else ()
        return _inexact(near, matches)

    async def _spelling(self, tenant: str) -> _Spelling:
        revision = await self._store.revision(tenant)
        kept = self._spellings.pop(tenant, None)
        if kept is None or kept.revision != revision:
            vocabulary = await self._store.vocabulary(tenant)
            # 100,000 names take half a second to sort in: not on the event loop's thread.
            names = await asyncio.to_thread(NearNames, await self._store.names(tenant))
            kept = _Spelling(revision=revision, names=names, services=vocabulary.values.get("service", ()))
        self._spellings[tenant] = kept
        while len(self._spellings) > KEPT_TENANTS:
            del self._spellings[next(iter(self._spellings))]
        return kept


def _inexact(near: Sequence[tuple[str, float]], matches: Sequence[Sequence[AssetMatch]]) -> tuple[AssetMatch, ...]:
    """At most five matches, none of them exact."""
    found = [
        replace(match, exact=False, score=min(score, 0.999))
        for (_, score), group in zip(near, matches, strict=True)
        for match in group
    ]
    return tuple(found[:5])


def _canonical(text: str) -> str:
    stripped = text.strip()
    try:
        return str(ipaddress.ip_address(stripped))
    except ValueError:
        return stripped


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
