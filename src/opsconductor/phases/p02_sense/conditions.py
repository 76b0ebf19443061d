"""Words that put a condition nobody here can check: exclusions, comparisons, live state, unmeasured attributes."""

import re
from collections.abc import Iterator

from opsconductor.domain.entities import EXCLUDED_HERE, OF_THE_COUNT, Entity
from opsconductor.phases.p02_sense.cues import Cued, Said, all_cues
from opsconductor.phases.p02_sense.found import mention

_NUMBER_WORD = r"(?:\d|one|two|three|four|five|six|seven|eight|nine|ten|a (?:dozen|hundred|thousand))"
_EXCEPT = Cued(
    r"\b(?:except(?:ing)?(?:\s+for)?|excluding|excludes?|excluded|exclude|others?\s+than|apart\s+from|aside\s+from|besides|minus"
    r"|(?:all|everything|anything|every\s+one|everyone)\s+but|but\s+not|(?:rather|instead)\s+(?:than|of)|non[-\s](?=\w)|non(?=prod))",
    parts=("except", "exclud", "than", "apart", "aside", "besides", "minus", "but", "rather", "instead", "non"),
)
_NOT = Cued(
    r"\b(?:not|cannot|(?:is|are|was|were|do|does|did|has|have|had|ca|wo|should|would)n't|without|neither|nor|never|outside"
    r"|no\s+longer|(?:with|have|has|having)\s+no|lack(?:s|ing)?|missing|unassigned|unowned|untagged)\b",
    "not cannot t without neither nor never outside no lack lacks lacking missing unassigned unowned untagged",
)
# `I do not know how many`, `why not list them`, `don't you have`: these exclude nothing.
_BEFORE_NO_EXCLUSION = re.compile(r"\b(?:why|if|or)\s+$", re.I)
_SELF = re.compile(r"\b(?:i|we)(?:\s+(?:do|can|could|am))?\s+$|\bi'm\s+$", re.I)
_AFTER_SELF = re.compile(r"\s+(?:know|remember|recall|understand|see|care|mind|sure|certain)\b", re.I)
_AFTER_NO_EXCLUSION = re.compile(r"\s+(?:sure|only|just|you|we|i|they|there|forget)\b", re.I)
_COMPARING = Cued(
    r"\b(?:no\s+)?(?:more|less|fewer|greater|older|newer|younger|larger|bigger|smaller|higher|lower|longer|shorter|earlier|later"
    rf"|faster|slower)\s+than\b|\bat\s+(?:least|most)\b|\b(?:over|under|above|below|beyond|exceeding|up\s+to)\s+(?={_NUMBER_WORD})"
    r"|\bbetween\s+(?=\d+\s+and\s)|\b(?:oldest|newest|biggest|largest|smallest)\b|[<>]=?\s*(?=\d)",
    "than least most over under above below beyond exceeding up between oldest newest biggest largest smallest",
    parts=("<", ">"),
)
_COUNTED = re.compile(
    r"\b(?:do\s+we\s+(?:have|own|run|manage)|have\s+we(?:\s+got)?|are\s+there|we(?:'ve|\s+have)(?:\s+got)?)\s+$", re.I
)
_LIVE = Cued(
    r"(?<![\w-])(?:down|up|offline|online|unreachable|reachable|running|stopped|alive|dead|crash(?:ed|ing)|(?:un)?responsive"
    r"|responding|answering|(?:un)?healthy|failing|broken|(?:powered|switched|turned)\s+o(?:n|ff)|pingable|degraded|hung|hanging"
    r"|idle|busy|working|overloaded|rebooting)(?![\w-])",
    """
    down up offline online unreachable reachable running stopped alive dead crashed crashing responsive
    unresponsive responding answering healthy unhealthy failing broken powered switched turned pingable degraded
    hung hanging idle busy working overloaded rebooting
    """,
)
_PARTICLE_OF = re.compile(
    r"\b(?:pull|tally|count|add|sum|total|look|bring|come|set|draw|write|note|narrow|break|broken|split|drill|divide|run|"
    r"what's|size)\s+$",
    re.I,
)
_PARTICLE_BEFORE = re.compile(r"\s+(?:by|per|into|to|for|with|on|over|from|the|our|all|a)\b", re.I)
_STATE_ENDS = re.compile(
    r"\s*(?:[?.!,;)]|$|(?:right\s+)?now\b|at\s+(?:the\s+moment|present)\b|currently\b|today\b|and\b|or\b|in\b|at\b|please\b)",
    re.I,
)
_ATTRIBUTE = Cued(
    r"(?<![\w-])(?:uptime|(?:un)?patched|patch(?:es|\s+level)|memory|ram|cpus?|processors?|cores|swap|temperature|bandwidth|kernels?"
    r"|vulnerab\w+|cves?|outdated|up[-\s]to[-\s]date|out[-\s]of[-\s]date|compliant|warranty|serial\s+numbers?|antivirus"
    r"|load\s+average|firmware|end\s+of\s+life|backed\s+up|encrypted|disks?|(?:\d+\s*)?(?:[gtm]i?b|ghz)|(?:giga|tera|mega)bytes?"
    r")(?![\w-])",
    """
    uptime patched unpatched patch patches memory ram cpu cpus processor processors cores swap temperature bandwidth
    kernel kernels cve cves outdated up out compliant warranty serial antivirus load firmware end backed encrypted
    disk disks
    """,
    parts=("vulnerab", "gb", "gib", "tb", "tib", "mb", "mib", "ghz", "byte"),
)
_UNIT = re.compile(r"(?:\d+\s*)?(?:[gtm]i?b|(?:giga|tera|mega)bytes?)", re.I)

_CUES = all_cues(_EXCEPT, _NOT, _COMPARING, _LIVE, _ATTRIBUTE)


def conditions(said: Said) -> Iterator[Entity]:
    """Conditions by their words. Whoever answers must refuse those that it cannot apply, and never drop them."""
    if not _CUES.stand_in(said):
        return
    text = said.text
    yield from _exclusions(said)
    for match in _COMPARING.finditer(said):
        value = OF_THE_COUNT if _COUNTED.search(_before(text, match)) else match.group()
        yield _condition("comparison", value, text, match)
    for match in _LIVE.finditer(said):
        if _is_state(text, match):
            yield _condition("live_state", match.group().casefold(), text, match)
    for match in _ATTRIBUTE.finditer(said):
        yield _condition("attribute", _attribute(match.group().casefold()), text, match)


def _exclusions(said: Said) -> Iterator[Entity]:
    text = said.text
    for match in _EXCEPT.finditer(said):
        yield _condition("exclusion", EXCLUDED_HERE, text, match)
    for match in _NOT.finditer(said):
        before = _before(text, match)
        idle = _BEFORE_NO_EXCLUSION.search(before) or _AFTER_NO_EXCLUSION.match(text, match.end())
        if not idle and not (_SELF.search(before) and _AFTER_SELF.match(text, match.end())):
            yield _condition("exclusion", match.group().casefold(), text, match)


def _is_state(text: str, match: re.Match[str]) -> bool:
    """`are down`, not `break it down by type`; `are running`, not `are running Linux`."""
    said = match.group().casefold()
    if said in {"up", "down"}:
        return not (_PARTICLE_OF.search(_before(text, match)) or _PARTICLE_BEFORE.match(text, match.end()))
    return said not in {"broken", "working", "running"} or bool(_STATE_ENDS.match(text, match.end()))


def _before(text: str, match: re.Match[str]) -> str:
    """The words before, as far back as any rule looks."""
    return text[max(0, match.start() - 40) : match.start()]


def _attribute(said: str) -> str:
    """The word as intents and tools write it."""
    return "gigabytes" if _UNIT.fullmatch(said) else "disk" if said.startswith("disk") else said


def _condition(kind: str, value: str, text: str, match: re.Match[str]) -> Entity:
    end = match.end() - (len(match.group()) - len(match.group().rstrip()))
    return mention(kind, value.strip(), text, match.start(), end, match="none")
