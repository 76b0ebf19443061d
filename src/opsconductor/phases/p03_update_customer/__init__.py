"""P3 update the customer: values the message states, typed and checked; the assets it is about, or the question which.

reads: turn context, snapshot, inventory
writes: customer data in memory, resolved entities, facets of the targets, or a question about a target
"""

from collections.abc import Iterable

from opsconductor.domain.decision import Clarification
from opsconductor.domain.entities import Entity
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.snapshot import INVENTORY_UNAVAILABLE, TOO_MANY_NAMES, SituationalSnapshot
from opsconductor.domain.turn import CustomerUpdate, Trigger, TurnContext
from opsconductor.phases.p03_update_customer.facets import facets_of
from opsconductor.phases.p03_update_customer.hosts import (
    MACHINES,
    Named,
    resolved_hosts,
    unknown_host_question,
)
from opsconductor.phases.p03_update_customer.references import Recalled, References
from opsconductor.phases.p03_update_customer.services import Placed, placed_services
from opsconductor.phases.p03_update_customer.values import with_values
from opsconductor.ports.clock import Clock
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.schema import Schemas

_TARGETS = MACHINES | {"service"}


class UpdateCustomer:
    """Knows the values that P2 may not see."""

    def __init__(self, inventory: Inventory, clock: Clock, schemas: Schemas) -> None:
        self._inventory = inventory
        self._clock = clock
        self._schemas = schemas

    async def run(self, context: TurnContext, snapshot: SituationalSnapshot) -> CustomerUpdate:
        """The customer's data and the targets after this message; for any other trigger, what was loaded.

        Raises `inventory.unavailable` when the message names targets and the inventory does not answer.
        """
        if context.input.trigger is not Trigger.MESSAGE:
            return CustomerUpdate(customer_data=context.customer_data)
        values = with_values(
            context.customer_data, context.fields, snapshot.candidate_variables, self._schemas, self._clock.now()
        )
        entities, question = await self._targets(context, snapshot)
        ids = _asset_ids(entities)
        assets = await self._inventory.assets(context.tenant, ids) if ids else ()
        return CustomerUpdate(
            customer_data=values.data,
            changed=values.changed,
            rejected=values.rejected,
            entities=entities,
            clarification=question,
            facets=facets_of(assets, entities, values.data),
        )

    async def _targets(
        self, context: TurnContext, snapshot: SituationalSnapshot
    ) -> tuple[tuple[Entity, ...], Clarification | None]:
        _check_inventory(snapshot)
        named = resolved_hosts(snapshot.entities, snapshot.text)
        if not snapshot.understood_language or snapshot.signal == "cancel":
            return named.entities, None
        if TOO_MANY_NAMES in snapshot.situation_facts:
            return named.entities, _too_many()
        recalled = await References(self._inventory, context, snapshot).recalled(named.entities)
        entities = (*named.entities, *recalled.entities)
        placed = await self._services(context.tenant, entities, snapshot.text)
        question = await self._question(context.tenant, named, recalled, placed)
        return (*entities, *placed.hosts), question

    async def _services(self, tenant: str, entities: tuple[Entity, ...], text: str) -> Placed:
        services = [entity for entity in entities if entity.type == "service"]
        machines = [entity for entity in entities if entity.type in MACHINES]
        hosts = [entity for entity in machines if entity.asset_id]
        # A machine that nobody knows is asked about first; what runs there cannot be told before.
        if not services or (machines and not hosts):
            return Placed()
        known: tuple[str, ...] = ()
        if not hosts and any(service.match == "none" for service in services):
            known = (await self._inventory.vocabulary(tenant)).values.get("service", ())
        return placed_services(services, hosts, entities, text, known)

    async def _question(self, tenant: str, named: Named, recalled: Recalled, placed: Placed) -> Clarification | None:
        """One question a turn: the unknown host first, then which of several, then the service, then what `it` is."""
        if named.unknown:
            services = (entity for entity in named.entities if entity.type == "service")
            return await unknown_host_question(self._inventory, tenant, named.unknown, services)
        return named.question or placed.question or recalled.question


def _check_inventory(snapshot: SituationalSnapshot) -> None:
    """What stands as unknown is not unknown when nobody could be asked."""
    needed = snapshot.references or any(entity.type in _TARGETS for entity in snapshot.entities)
    if INVENTORY_UNAVAILABLE in snapshot.situation_facts and needed:
        raise Unavailable("inventory.unavailable", "The asset service does not answer, so no host or service is known.")


def _too_many() -> Clarification:
    return Clarification(
        question="You named more hosts than one message may name. Which ones first?", reason="low_confidence"
    )


def _asset_ids(entities: Iterable[Entity]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entity.asset_id for entity in entities if entity.asset_id))
