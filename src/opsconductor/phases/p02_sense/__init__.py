"""P2 sense: what the words of a message say, before anything is known about who says them.

reads: the message, a mask of the customer's fields (never their values), glossary, inventory names, the open question
writes: the situational snapshot
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

from opsconductor.domain.assets import Mention, Vocabulary
from opsconductor.domain.customer import SchemaMask
from opsconductor.domain.decision import Clarification
from opsconductor.domain.entities import Entity
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.knowledge import GlossaryItem
from opsconductor.domain.snapshot import (
    ANSWERED_QUESTION,
    EMPTY_SNAPSHOT,
    INVENTORY_UNAVAILABLE,
    TOO_MANY_NAMES,
    CandidateVariable,
    SituationalSnapshot,
)
from opsconductor.domain.turn import Trigger
from opsconductor.phases.p02_sense.conditions import conditions
from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.found import Found, found, masked, standing, within_limit
from opsconductor.phases.p02_sense.glossary import GlossaryReader
from opsconductor.phases.p02_sense.language import language_of, may_be_foreign
from opsconductor.phases.p02_sense.mood import mood_of
from opsconductor.phases.p02_sense.names import (
    Lookup,
    exact_names,
    hosts_of_services,
    lookup_of,
    unknown_hosts,
    with_matches,
)
from opsconductor.phases.p02_sense.normalise import normalise
from opsconductor.phases.p02_sense.patterns import addresses_in, by_form, versions_beside
from opsconductor.phases.p02_sense.payloads import FACT as SMUGGLED_TEXT
from opsconductor.phases.p02_sense.payloads import payloads
from opsconductor.phases.p02_sense.pending import completed_request
from opsconductor.phases.p02_sense.references import as_types, pointers_in
from opsconductor.phases.p02_sense.services import unknown_services
from opsconductor.phases.p02_sense.slots import SlotIndex
from opsconductor.phases.p02_sense.times import date_words, dates, durations, needs_library
from opsconductor.phases.p02_sense.tokens import Reading, Token, to_look_up, token
from opsconductor.phases.p02_sense.unmatched import places_of, unmatched
from opsconductor.phases.p02_sense.variables import VariableReader
from opsconductor.ports.clock import Clock
from opsconductor.ports.inventory import Inventory

TENANTS_KEPT = 64
TARGET_TYPES = frozenset({"host", "ip", "service"})


class Sense:
    """Reads messages. It keeps the vocabulary of the tenants it last read for, and nothing of a message."""

    def __init__(self, inventory: Inventory, clock: Clock) -> None:
        self._inventory = inventory
        self._clock = clock
        self._slots: OrderedDict[str, SlotIndex] = OrderedDict()
        self._glossary = GlossaryReader(())
        self._variables = VariableReader({})

    async def run(
        self,
        *,
        tenant: str,
        message: str,
        trigger: Trigger = Trigger.MESSAGE,
        mask: SchemaMask,
        glossary: tuple[GlossaryItem, ...],
        previous: tuple[Entity, ...],
        pending: Clarification | None,
        pending_request: str = "",
    ) -> SituationalSnapshot:
        """The snapshot of a message. When it answers the open question, the snapshot is that of the completed request.

        An inventory that does not answer is the fact `inventory_unavailable`, not an error: who needs it must say so.
        """
        if trigger is not Trigger.MESSAGE:
            return EMPTY_SNAPSHOT
        clean = normalise(message)
        request, answer = "", ""
        if pending is not None:
            request, answer = completed_request(clean.text, pending, normalise(pending_request).text)
        heard = Reading(clean.text)
        mood = mood_of(heard)
        asked = Reading(request) if request else heard
        reading, lookup, slots, glossary_used, facts = await self._read(tenant, asked, glossary)
        text = reading.text
        exact = list(exact_names(reading, lookup))
        claims = [*exact, *_claims(reading, exact, lookup), *slots.slots(reading)]
        claims += map(found, await self._dates(reading))
        smuggled = list(payloads(reading, (claim.entity for claim in exact), lookup))
        said = standing([*claims, *smuggled])
        mentions = _with_conditions(reading, said, vocabulary_known=slots.known)
        entities = within_limit(mentions)
        if _count_targets(entities) < _count_targets(mentions):
            facts = tuple(dict.fromkeys((*facts, TOO_MANY_NAMES)))
        pointers = pointers_in(reading)
        language = language_of(_without_names(text, within_limit(said))) if may_be_foreign(reading) else "en"
        return SituationalSnapshot(
            text=text,
            masked_text=masked(text, mentions, as_types(text, pointers, said, previous)),
            language=language,
            understood_language=language == "en",
            entities=entities,
            references=tuple(dict.fromkeys(pointer.words for pointer in pointers)),
            candidate_variables=self._candidates(mask, heard),
            glossary_used=glossary_used,
            tone=mood.tone,
            frustration=mood.frustration,
            urgency=mood.urgency,
            topic_changed=_topic_changed(entities, previous),
            situation_facts=(
                *clean.facts,
                *facts,
                *((SMUGGLED_TEXT,) if smuggled else ()),
                *((ANSWERED_QUESTION,) if answer else ()),
            ),
            signal="continue" if answer else mood.signal,
        )

    async def _read(
        self, tenant: str, reading: Reading, glossary: tuple[GlossaryItem, ...]
    ) -> tuple[Reading, Lookup, SlotIndex, tuple[str, ...], tuple[str, ...]]:
        """The words in the organisation's canonical form, and what the inventory knows of them: one question."""
        if self._glossary.items is not glossary:
            self._glossary = GlossaryReader(glossary)
        translated, used = self._glossary.read(reading)
        if translated == reading.text:
            lookup, slots, facts = await self._ask(tenant, reading.names, reading.text)
            return reading, lookup, slots, used, facts
        other = Reading(translated)
        lookup, slots, facts = await self._ask(tenant, [*reading.names, *other.names], reading.text, translated)
        names = [claim.entity for claim in exact_names(reading, lookup)]
        translated, used = self._glossary.read(reading, [(name.start, name.end) for name in names])
        return (other if translated == other.text else Reading(translated)), lookup, slots, used, facts

    async def _ask(self, tenant: str, names: Iterable[Token], *texts: str) -> tuple[Lookup, SlotIndex, tuple[str, ...]]:
        """What the inventory knows of `names` and of the addresses in `texts`, beside its vocabulary."""
        addresses = [token(address, 0) for text in texts for address in addresses_in(text)]
        wanted, left_out = to_look_up([*addresses, *names])
        facts = (TOO_MANY_NAMES,) if left_out else ()
        known = self._slots.get(tenant) or SlotIndex(Vocabulary(revision=-1, values={}))
        answers = await self._answers(tenant, wanted)
        if answers is None:
            return {}, known, (*facts, INVENTORY_UNAVAILABLE)
        mentions, vocabulary = answers
        if vocabulary.revision != known.revision:
            known = SlotIndex(vocabulary)
        self._slots[tenant] = known
        self._slots.move_to_end(tenant)
        while len(self._slots) > TENANTS_KEPT:
            self._slots.popitem(last=False)
        return lookup_of(mentions), known, facts

    async def _answers(self, tenant: str, wanted: Sequence[str]) -> tuple[tuple[Mention, ...], Vocabulary] | None:
        answers = None
        try:
            async with asyncio.TaskGroup() as group:
                mentions = group.create_task(self._resolve(tenant, wanted))
                vocabulary = group.create_task(self._inventory.vocabulary(tenant))
            answers = mentions.result(), vocabulary.result()
        except* Unavailable:
            pass  # the snapshot says so
        return answers

    async def _resolve(self, tenant: str, wanted: Sequence[str]) -> tuple[Mention, ...]:
        return await self._inventory.resolve(tenant, wanted) if wanted else ()

    async def _dates(self, reading: Reading) -> tuple[Entity, ...]:
        said = date_words(reading)
        if not said:
            return ()
        if not needs_library(said):
            return tuple(dates(reading.text, said, self._clock.now()))
        # The date library takes its time when it is first imported.
        return await asyncio.to_thread(lambda: tuple(dates(reading.text, said, self._clock.now())))

    def _candidates(self, mask: SchemaMask, heard: Said) -> tuple[CandidateVariable, ...]:
        if self._variables.mask != mask:
            self._variables = VariableReader(mask)
        return tuple(self._variables.read(heard))


def _claims(reading: Reading, exact: Iterable[Found], lookup: Lookup) -> Iterator[Found]:
    """What is claimed by form and by place, beside the names the inventory has."""
    text = reading.text
    yield from unknown_hosts(reading, lookup)
    yield from unknown_services(reading, lookup)
    services = [one.entity for one in exact if one.entity.type == "service"]
    yield from hosts_of_services(text, services, lookup)
    yield from map(found, versions_beside(text, services))
    for entity in by_form(text):
        yield found(with_matches(entity, lookup) if entity.type == "ip" else entity, guess=entity.type == "os")
    yield from map(found, durations(reading))


def _with_conditions(reading: Reading, said: tuple[Entity, ...], *, vocabulary_known: bool) -> tuple[Entity, ...]:
    """`said`, and what the words between ask of assets that no value of the inventory answers."""
    places = places_of(said)
    free = [one for one in standing(map(found, conditions(reading))) if places.isdisjoint(range(one.start, one.end))]
    values = unmatched(reading, (*said, *free)) if vocabulary_known else ()
    return tuple(sorted((*said, *free, *values), key=lambda entity: (entity.start, entity.end)))


def _without_names(text: str, entities: Iterable[Entity]) -> str:
    """The text without its mentions: a name has no language."""
    pieces, place = [], 0
    for entity in entities:
        pieces += [text[place : max(place, entity.start)], " x1 "]
        place = max(place, entity.end)
    return "".join(pieces) + text[place:]


def _topic_changed(entities: Iterable[Entity], previous: Iterable[Entity]) -> bool:
    """Whether the message is about other machines or services than the last one, none of which it names."""
    now = {(entity.type, entity.value.casefold()) for entity in entities if entity.type in TARGET_TYPES}
    before = {(entity.type, entity.value.casefold()) for entity in previous if entity.type in TARGET_TYPES}
    return bool(now and before and not now & before)


def _count_targets(entities: Iterable[Entity]) -> int:
    return sum(entity.type in TARGET_TYPES for entity in entities)
