"""What `it`, `this server` and `there` point at: what the conversation was about last, else the current host."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from opsconductor.domain.assets import Asset
from opsconductor.domain.decision import Clarification
from opsconductor.domain.entities import Entity
from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import TurnContext
from opsconductor.phases.p03_update_customer.hosts import MACHINES, known_names, match_of
from opsconductor.phases.p03_update_customer.wording import MOST_CHOICES, listed
from opsconductor.ports.inventory import Inventory

CURRENT_HOST = "current_host"
RECALLED = 0.9

_SERVICE_NOUN = re.compile(r"\b(?:service|daemon|process)", re.I)
_HOST_NOUN = re.compile(
    r"\b(?:host|server|machine|box|workstation|computer|vm|device|router|switch|node|system|asset|place|there)", re.I
)
_ON = re.compile(r"\b(?:on|at)\s+$", re.I)
_OPERATES = re.compile(
    r"\b(?:restart\w*|reboot\w*|bounc\w+|relaunch|reload|cycle|kick|kill|stop\w*|start\w*|ping|reach\w*|check\w*|probe|curl|show|"
    r"describe|own\w*|status|state|disk|disks|space|storage|full|running|runs|up|down|alive|online|offline|healthy|working|"
    r"slow|respond\w*|answer\w*|logs?|memory|cpu|load|uptime|ip|address|os|port|diagnose|troubleshoot|patch|upgrade|wipe|test)\b",
    re.I,
)


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """What the pointing words mean, and the question when nothing is left to point at."""

    entities: tuple[Entity, ...] = ()
    question: Clarification | None = None


class References:
    """Resolves the pointing words of one message."""

    def __init__(self, inventory: Inventory, context: TurnContext, snapshot: SituationalSnapshot) -> None:
        self._inventory = inventory
        self._context = context
        self._snapshot = snapshot

    async def recalled(self, named: Sequence[Entity]) -> Recalled:
        """What the message needs beside `named`, the mentions of its own."""
        words = self._snapshot.references
        own_services = [entity for entity in named if entity.type == "service"]
        services: list[Entity] = []
        for_service = next((one for one in words if not _means_host(one)), "")
        if for_service and not own_services:
            services = [self._pointed(one, for_service) for one in await self._last_services()]
            if not services and _means_service(for_service):
                return Recalled(question=await self._which_service(for_service, named))
        if not words or any(entity.type in MACHINES for entity in named):
            return Recalled(entities=tuple(services))
        for_host = next((one for one in words if not _means_service(one)), "")
        hosts = await self._last_hosts(for_host or for_service)
        if own_services and for_host and not self._clearly_a_host(for_host):
            # `billing is slow, restart it`: what it points at stands in the message itself.
            return Recalled(entities=tuple(host for host in hosts if _runs(host, own_services)))
        question = None
        if for_host and not hosts and self._needs_host(for_host):
            question = await self._which_host(for_host, [*own_services, *services])
        return Recalled(entities=(*services, *hosts), question=question)

    def _needs_host(self, words: str) -> bool:
        """Whether the message is plainly about machines: `write a poem about it` is not."""
        return _means_host(words) or bool(_OPERATES.search(self._snapshot.text))

    def _clearly_a_host(self, words: str) -> bool:
        start, _ = self._span(words)
        return _means_host(words) or bool(_ON.search(self._snapshot.text[:start]))

    async def _last_hosts(self, words: str) -> list[Entity]:
        """The machines last spoken of that are still in the inventory, else the current host."""
        last = [one for one in self._context.session.last_entities if one.type in MACHINES and one.asset_id]
        ids = tuple(dict.fromkeys(str(one.asset_id) for one in last))
        if not ids and (name := self._current_host()):
            mentions = await self._inventory.resolve(self._context.tenant, (name,))
            ids = tuple(match.asset_id for one in mentions for match in one.matches if match.exact)
            ids = ids if len(ids) == 1 else ()
        assets = await self._inventory.assets(self._context.tenant, ids) if ids else ()
        return [self._pointed(_host_entity(asset), words) for asset in assets]

    async def _last_services(self) -> tuple[Entity, ...]:
        """The services last spoken of, with the machines that run them now."""
        last = [one for one in self._context.session.last_entities if one.type == "service" and one.match == "exact"]
        by_name = {one.value.casefold(): one for one in last}
        if not by_name:
            return ()
        mentions = await self._inventory.resolve(self._context.tenant, [one.value for one in by_name.values()])
        running = {one.text.casefold(): one.matches for one in mentions if one.kind == "service"}
        return tuple(
            replace(one, matches=running[name])
            for name, one in by_name.items()
            if name in running and all(match.exact for match in running[name])
        )

    def _current_host(self) -> str:
        entry = self._context.customer_data.get(CURRENT_HOST)
        value = self._context.session.variables.get(CURRENT_HOST) if entry is None else entry.value
        return value if isinstance(value, str) else ""

    async def _which_host(self, words: str, services: Sequence[Entity]) -> Clarification:
        running = {match.name: None for service in services for match in service.matches}
        choices = tuple(running)[:MOST_CHOICES] or await known_names(self._inventory, self._context.tenant)
        gone = [one.value for one in self._context.session.last_entities if one.type in MACHINES and one.asset_id]
        missing = f"{gone[0]} is no longer in the inventory. " if gone else ""
        offer = f" For example: {listed(choices)}." if choices else ""
        return Clarification(
            question=f"{missing}Which host do you mean by “{words}”?{offer}",
            options=choices,
            reason="unknown_target",
            subject=words,
        )

    async def _which_service(self, words: str, named: Sequence[Entity]) -> Clarification:
        there = [name for one in named if one.type in MACHINES for match in one.matches for name in match.services]
        known = there or (await self._inventory.vocabulary(self._context.tenant)).values.get("service", ())
        choices = tuple(dict.fromkeys(known))[:MOST_CHOICES]
        offer = f" For example: {listed(choices)}." if choices else ""
        return Clarification(
            question=f"Which service do you mean by “{words}”?{offer}",
            options=choices,
            reason="unknown_target",
            subject=words,
        )

    def _pointed(self, entity: Entity, words: str) -> Entity:
        start, end = self._span(words)
        return replace(entity, text=self._snapshot.text[start:end], start=start, end=end, confidence=RECALLED)

    def _span(self, words: str) -> tuple[int, int]:
        match = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", self._snapshot.text)
        return match.span() if match else (0, 0)


def _means_service(words: str) -> bool:
    return bool(_SERVICE_NOUN.search(words))


def _means_host(words: str) -> bool:
    return bool(_HOST_NOUN.search(words)) and not _means_service(words)


def _host_entity(asset: Asset) -> Entity:
    match = match_of(asset)
    return Entity(type="host", value=asset.name, text="", start=0, end=0, asset_id=asset.asset_id, matches=(match,))


def _runs(host: Entity, services: Sequence[Entity]) -> bool:
    running = {name.casefold() for name in host.matches[0].services}
    return any(service.value.casefold() in running for service in services)
