"""Machines a message names, each resolved to one asset or made a question."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from opsconductor.domain.assets import Asset, AssetMatch, AssetQuery
from opsconductor.domain.decision import Clarification
from opsconductor.domain.entities import Entity
from opsconductor.phases.p03_update_customer.wording import MOST_CHOICES, echoed, labels_of, listed
from opsconductor.ports.inventory import Inventory

MACHINES = frozenset({"host", "ip"})
_SLOTS = ("site", "owner", "environment", "type", "platform")


@dataclass(frozen=True, kw_only=True)
class Named:
    """The mentions of a message after resolution, and the first question they raise."""

    entities: tuple[Entity, ...]
    unknown: tuple[Entity, ...] = ()
    question: Clarification | None = None


def resolved_hosts(entities: tuple[Entity, ...], text: str) -> Named:
    """Every exact host and address with its asset; several of one name are told apart by the words, or asked about."""
    done: list[Entity] = []
    question: Clarification | None = None
    for entity in entities:
        if entity.type not in MACHINES or entity.match != "exact" or not entity.matches:
            done.append(entity)
            continue
        matches = meant(entity, entities, text)
        if len(matches) == 1:
            # An address keeps its own spelling; a name takes the inventory's.
            value = entity.value if entity.type == "ip" else matches[0].name
            done.append(replace(entity, value=value, asset_id=matches[0].asset_id, matches=matches))
        else:
            done.append(entity)
            question = question or _which_of(entity, matches)
    unknown = tuple(entity for entity in entities if entity.type == "host" and entity.match != "exact")
    return Named(entities=tuple(done), unknown=unknown, question=question)


def meant(entity: Entity, entities: Iterable[Entity], text: str) -> tuple[AssetMatch, ...]:
    """The assets of that name that the words around it leave: a repeated choice, else by site, owner and the like."""
    if len(entity.matches) == 1:
        return entity.matches
    here = text[entity.start :].casefold()
    repeated = [label for label in labels_of(entity.matches) if here.startswith(label.casefold())]
    if repeated:
        return (labels_of(entity.matches)[max(repeated, key=len)],)
    left = entity.matches
    for slot in _SLOTS:
        said = {one.value.casefold() for one in entities if one.type == slot}
        fitting = tuple(match for match in left if str(getattr(match, slot)).casefold() in said)
        left = fitting or left
    return left


async def unknown_host_question(
    inventory: Inventory, tenant: str, unknown: tuple[Entity, ...], services: Iterable[Entity]
) -> Clarification:
    """Which host is meant instead of one the inventory does not have; up to five that exist are named."""
    first, *others = unknown
    candidates = await _candidates(inventory, tenant, first, tuple(services))
    alike = isinstance(candidates, Mapping)
    choices = tuple(candidates)[:MOST_CHOICES]
    question = f"I know no host {echoed(first.text)}."
    if others:
        names = [echoed(entity.text) for entity in others]
        more = f" and {len(names) - MOST_CHOICES} more" if len(names) > MOST_CHOICES else ""
        question += f" Nor do I know {listed(names[:MOST_CHOICES])}{more}."
    if choices and alike:
        question += f" Did you mean {listed(choices)}?"
    elif choices:
        question += f" Which host do you mean? For example: {listed(choices)}."
    else:
        question += " The inventory holds no host yet."
    near = first.match == "fuzzy"
    reason = "fuzzy_target" if near else "unknown_target"
    return Clarification(question=question, options=choices, reason=reason, subject=first.text)


async def known_names(inventory: Inventory, tenant: str, stem: str = "") -> tuple[str, ...]:
    """Up to five names that exist: those that begin with `stem`, else the first ones."""
    if len(stem) >= 2:
        answer = await inventory.query(tenant, AssetQuery(query_type="search", text=stem, limit=50))
        names = [str(row.get("name", "")) for row in answer.assets]
        alike = [name for name in names if name.casefold().startswith(stem.casefold())]
        if alike:
            return tuple(dict.fromkeys(alike))[:MOST_CHOICES]
    answer = await inventory.query(tenant, AssetQuery(query_type="list", limit=MOST_CHOICES))
    return tuple(dict.fromkeys(str(row.get("name", "")) for row in answer.assets))


def match_of(asset: Asset) -> AssetMatch:
    """The asset as the certain meaning of a mention."""
    return AssetMatch(
        asset_id=asset.asset_id,
        name=asset.name,
        type=asset.type,
        platform=asset.platform,
        environment=asset.environment,
        site=asset.site,
        owner=asset.owner,
        services=tuple(service.name for service in asset.services),
        criticality=asset.criticality,
        exact=True,
    )


async def _candidates(
    inventory: Inventory, tenant: str, unknown: Entity, services: tuple[Entity, ...]
) -> Mapping[str, AssetMatch] | tuple[str, ...]:
    """Near names that run the service, then others that run it, then other near names; else names that begin alike."""
    running = {match.asset_id: match for service in services for match in service.matches if service.match == "exact"}
    near = sorted(unknown.matches, key=lambda match: (match.asset_id not in running, -match.score))
    both = [match for match in near if match.asset_id in running]
    ordered = [*both, *running.values(), *near]
    if ordered:
        return labels_of(ordered)
    stem = ""
    for character in unknown.text:
        if not character.isalpha():
            break
        stem += character
    return await known_names(inventory, tenant, stem)


def _which_of(entity: Entity, matches: tuple[AssetMatch, ...]) -> Clarification:
    labels = tuple(labels_of(matches))
    choices = labels[:MOST_CHOICES]
    what = f"{len(matches)} hosts have the address {entity.value}" if entity.type == "ip" else ""
    what = what or f"There are {len(matches)} hosts called {matches[0].name}"
    more = f" There are {len(labels) - MOST_CHOICES} more." if len(labels) > MOST_CHOICES else ""
    return Clarification(
        question=f"{what}. Which one do you mean: {listed(choices)}?{more}",
        options=choices,
        reason="ambiguous_target",
        subject=entity.text,
    )
