"""Services a message names: the host that runs each, or the question which one is meant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from opsconductor.domain.assets import AssetMatch
from opsconductor.domain.decision import Clarification
from opsconductor.domain.entities import Entity
from opsconductor.phases.p03_update_customer.wording import MOST_CHOICES, labels_of, listed

_SLOTS = ("environment", "site", "owner", "type", "platform")
# The service is a condition of the question, not what is to be acted upon.
_ASKS_INVENTORY = re.compile(
    r"\b(?:how many|number of|count|list|which|what|show|name|give me)\b.{0,60}\b(?:hosts?|servers?|machines?|assets?|"
    r"boxes|devices?|nodes?|vms?|computers?|systems?|inventory)\b|\bwhere\s+(?:is|are|does|do)\b|\b(?:who|what)\s+runs\b",
    re.I,
)
_ALL = re.compile(r"(?<!\bat )\b(?:all|every|each|both|everywhere)\b", re.I)
_ARRIVES = re.compile(r"\b(?:install|deploy|add|create|set up|provision|introduce|uninstall|remove)\b", re.I)
_OPERATES = re.compile(
    r"\b(?:restart\w*|bounce|relaunch|reload|stop\w*|start\w*|status|state|running|up|down|alive|active|check|diagnose|"
    r"troubleshoot|kill|cycle|healthy|crash\w*|slow|logs?)\b",
    re.I,
)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Hosts that the named services imply, and the question they raise."""

    hosts: tuple[Entity, ...] = ()
    question: Clarification | None = None


def placed_services(
    services: Sequence[Entity], hosts: Sequence[Entity], slots: Sequence[Entity], text: str, known: Sequence[str]
) -> Placed:
    """The hosts of `services`: those named (`hosts`, resolved), else the one that runs them.

    `slots` are the message's inventory words, `known` the names of some services that exist.
    """
    exact = [service for service in services if service.match == "exact" and service.matches]
    doubtful = next((service for service in services if service.match == "fuzzy"), None)
    if doubtful is not None:
        return Placed(question=_did_you_mean(doubtful))
    unheard = [service for service in services if service.match == "none"]
    if hosts:
        return Placed(question=_mismatch(exact, hosts) or _unheard_there(unheard, exact, hosts, text))
    if unheard and not exact:
        return Placed(question=_unheard(unheard[0], known, text))
    found: list[Entity] = []
    for service in exact:
        placed = _place(service, slots, text)
        if placed.question is not None:
            return placed
        found += placed.hosts
    return Placed(hosts=tuple(found))


def _place(service: Entity, slots: Sequence[Entity], text: str) -> Placed:
    if _ASKS_INVENTORY.search(text):
        return Placed()
    fitting, missed = _fitting(service.matches, slots)
    if len(fitting) == 1 or (fitting and _ALL.search(text)):
        return Placed(hosts=tuple(_implied(service, match) for match in fitting))
    labels = tuple(labels_of(fitting or service.matches))
    choices = labels[:MOST_CHOICES]
    nowhere = f"{service.value} does not run in {missed}. " if missed else ""
    more = f" {len(labels) - MOST_CHOICES} more run it too." if len(labels) > MOST_CHOICES else ""
    return Placed(
        question=Clarification(
            question=f"{nowhere}{service.value} runs on {listed(choices, 'and')}. Which host do you mean?{more}",
            options=choices,
            reason="ambiguous_target",
        )
    )


def _fitting(matches: Sequence[AssetMatch], slots: Sequence[Entity]) -> tuple[list[AssetMatch], str]:
    """The assets that are what the message says of them; and the first word that none of them is."""
    left = list(matches)
    for slot in _SLOTS:
        said = [entity.value for entity in slots if entity.type == slot]
        if not said:
            continue
        wanted = {value.casefold() for value in said}
        fitting = [match for match in left if str(getattr(match, slot)).casefold() in wanted]
        if not fitting:
            return [], said[0]
        left = fitting
    return left, ""


def _implied(service: Entity, match: AssetMatch) -> Entity:
    """The host that runs a service: no words of the message name it, so its span is empty."""
    return Entity(
        type="host",
        value=match.name,
        text="",
        start=service.end,
        end=service.end,
        confidence=0.9,
        asset_id=match.asset_id,
        matches=(match,),
    )


def _mismatch(services: Sequence[Entity], hosts: Sequence[Entity]) -> Clarification | None:
    """Every named service runs on a named host and every named host runs a named service, or it is asked about."""
    if not services:
        return None
    names = {service.value.casefold(): service for service in services}
    for host in hosts:
        running = {name.casefold() for name in host.matches[0].services}
        if not running & names.keys():
            return _runs_elsewhere(services[0], host)
    for name, service in names.items():
        if not any(name in map(str.casefold, host.matches[0].services) for host in hosts):
            return _runs_elsewhere(service, hosts[0])
    return None


def _runs_elsewhere(service: Entity, host: Entity) -> Clarification:
    choices = tuple(labels_of(service.matches))[:MOST_CHOICES]
    return Clarification(
        question=f"{service.value} does not run on {host.value}; it runs on {listed(choices, 'and')}. "
        f"Which host do you mean?",
        options=choices,
        reason="unknown_target",
        subject=host.text,
    )


def _unheard_there(
    services: Sequence[Entity], others: Sequence[Entity], hosts: Sequence[Entity], text: str
) -> Clarification | None:
    """A service nobody knows on hosts whose services are known; where none is known, nothing can be said."""
    running = tuple(dict.fromkeys(name for host in hosts for name in host.matches[0].services))
    if not services or others or not running or _ARRIVES.search(text):
        return None
    where = listed([host.value for host in hosts[:MOST_CHOICES]], "and")
    verb = "runs" if len(hosts) == 1 else "run"
    return Clarification(
        question=f"I know no service {services[0].value} on {where}; what {verb} there is {listed(running, 'and')}. "
        f"Which service do you mean?",
        options=running[:MOST_CHOICES],
        reason="unknown_target",
        subject=services[0].text,
    )


def _unheard(service: Entity, known: Sequence[str], text: str) -> Clarification | None:
    if not known or _ARRIVES.search(text) or not _OPERATES.search(text):
        return None
    choices = tuple(known)[:MOST_CHOICES] if len(known) <= MOST_CHOICES else ()
    offer = f" Do you mean {listed(choices)}?" if choices else " Name a service that is in the inventory."
    return Clarification(
        question=f"I know no service {service.value}.{offer}",
        options=choices,
        reason="unknown_target",
        subject=service.text,
    )


def _did_you_mean(service: Entity) -> Clarification:
    near = tuple(dict.fromkeys((service.value, *_alike(service))))[:MOST_CHOICES]
    return Clarification(
        question=f"I know no service {service.text}. Did you mean {listed(near)}?",
        options=near,
        reason="fuzzy_target",
        subject=service.text,
    )


def _alike(service: Entity) -> list[str]:
    """Other services of the near assets that begin like the word."""
    first = service.text[:1].casefold()
    return [name for match in service.matches for name in match.services if name[:1].casefold() == first]
