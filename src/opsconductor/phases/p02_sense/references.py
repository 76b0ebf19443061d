"""Words that point back at something named before: `it`, `this server`, `there`. Which thing, P3 finds out."""

import re

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


_ANY = re.compile(r"\b(?:it|its|they|them|their|this|that|these|those|there|the (?:same|other|said)|said|both)\b", re.I)


def references_in(text: str) -> tuple[str, ...]:
    """The pointing words of a message in order, as written, each once."""
    found: dict[int, str] = {}
    if not _ANY.search(text):
        return ()
    for pattern in (_POINTING, _IT, _ITS, _THERE):
        for match in pattern.finditer(text):
            place = match.lastindex or 0
            if match.re is _THERE and _NO_PLACE.search(text, max(0, match.start() - 12), match.start()):
                continue
            found.setdefault(match.start(place), match[place])
    return tuple(dict.fromkeys(found[place] for place in sorted(found)))
