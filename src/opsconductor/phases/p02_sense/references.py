"""Words that point back at something named before: `it`, `this server`, `there`. Which thing, P3 finds out."""

import re
from collections.abc import Iterable, Set
from typing import NamedTuple

from opsconductor.domain.entities import Entity
from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.word_lists import words_in

_PLACE_BEFORE = re.compile(r"\b(?:on|at)\s+$", re.I)
_MACHINES = frozenset({"host", "ip"})
_SERVICE_NOUN = re.compile(r"\b(?:service|daemon|process)")
_HOST_NOUN = re.compile(r"\b(?:host|server|machine|box|workstation|computer|vm|device|router|switch|node|system|asset)")
_NOUN = (
    r"(?:host|server|machine|box|workstation|computer|vm|device|router|switch|node|system|asset|service|daemon|process|one|"
    r"place)"
)
_POINTING = re.compile(
    rf"\b(?:(?:on|at|of|for|to|from|with)\s+)?((?:this|that|the same|the said|said|those|these|the other|both)\s+"
    rf"(?:very\s+)?{_NOUN}(?:es|s)?)\b(?!-)",
    re.I,
)
_ACT = (
    r"(?:restart|reboot|bounce|cycle|relaunch|reload|stop|start|kill|kick|ping|check|test|probe|diagnose|troubleshoot|"
    r"describe|show|reach|restarting|rebooting|patch|update|upgrade|shut down|look at|look up|monitor|curl|connect to|"
    r"log in to|"
    r"reset|reinstall|wipe|restore|move|migrate|scale|fix|of|on|about|to|with|owns|own|runs|for|at|from)"
)
_IT = re.compile(
    rf"\b{_ACT}\s+(it|them|they|(?:that|those|these)(?=\s*(?:[.,;!?]|$)))\b"
    r"(?!\s+(?:is|was|be|are|seems|would|to|i|we|you)\b)(?!-)"
    r"|\b(?:is|was|are|were|does|did|has|have|can|will)\s+(it|they)\s+(?:still\s+|now\s+|back\s+|even\s+)?"
    r"(?:up|down|running|alive|online|offline|reachable|ok|okay|healthy|working|slow|started|stopped|respond\w*|answer\w*|"
    r"run|in|belong\w*|live|sit|crash\w*|recover\w*|fail\w*|have|use|need)\b"
    r"|\b(?:turn|shut|bring|take|switch|give)\s+(it|them)\b",
    re.I,
)
_ITS = re.compile(
    r"\b(its|their)\s+(?:disk|disks|drive|drives|storage|status|state|service|services|ip|address|owner|os|operating|role|"
    r"site|environment|memory|cpu|load|uptime|logs?|version|platform|port|ports|record|specs|free|name|health|type)\b",
    re.I,
)
_THERE = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bisn't )(?<!\baren't )\b(there)\b"
    r"(?!'s|\s+(?:is|are|was|were|be|has|have|"
    r"isn't|aren't|a|an|any|some|no|something|anything)\b)",
    re.I,
)
# `hi there`, `out there`, `over there in Lisbon`: no place of ours.
_NO_PLACE = re.compile(r"\b(?:hi|hello|hey|out|up|down|get|getting|being|been|been|over|and)\s+$", re.I)


_ANY = words_in("it its they them their this that these those there same other said both")
"""Without one of these nothing is pointed at."""


class Pointer(NamedTuple):
    """Pointing words and their place."""

    words: str
    start: int
    end: int


def pointers_in(said: Said) -> list[Pointer]:
    """The pointing words of a message in order."""
    if not said.says(_ANY):
        return []
    text = said.text
    found: dict[int, Pointer] = {}
    for pattern in (_POINTING, _IT, _ITS, _THERE):
        for match in pattern.finditer(text):
            place = match.lastindex or 0
            if match.re is _THERE and _NO_PLACE.search(text, max(0, match.start() - 12), match.start()):
                continue
            found.setdefault(match.start(place), Pointer(match[place], match.start(place), match.end(place)))
    return [found[place] for place in sorted(found)]


def as_types(
    text: str, pointers: Iterable[Pointer], named: Iterable[Entity], previous: Iterable[Entity]
) -> list[tuple[int, int, str]]:
    """What each pointer reads as where names are masked: `restart {service}` for `restart it`, `on {host}` for `there`.

    Only what the message does not name itself is pointed at. A bare `it` reads as a service when one was spoken of
    last, else as the machine spoken of, else as itself.
    """
    own, spoken = _kinds(named), _kinds(previous)
    masks = []
    for pointer in pointers:
        kind = _kind(pointer.words.casefold(), text[: pointer.start], own, spoken)
        if kind and kind not in own:
            mask = {"there": "on {host}", "its": "{host}'s", "their": "{host}'s"}.get(pointer.words.casefold())
            masks.append((pointer.start, pointer.end, mask or f"{{{kind}}}"))
    return masks


def _kind(words: str, before: str, own: Set[str], spoken: Set[str]) -> str:
    """Whether pointing words stand for a service or for a machine; empty when that cannot be told."""
    if _SERVICE_NOUN.search(words):
        return "service"
    if _HOST_NOUN.search(words):
        return "host"
    if "host" in spoken and (words in {"there", "its", "their"} or _PLACE_BEFORE.search(before)):
        return "host"
    if own or words == "there":
        return ""
    return next((kind for kind in ("service", "host") if kind in spoken), "")


def _kinds(entities: Iterable[Entity]) -> frozenset[str]:
    types = {"host" if entity.type in _MACHINES else entity.type for entity in entities}
    return frozenset(types & {"host", "service"})
