"""How well each tool of the intent fits the request. Scores rank; what a tool cannot do, no score makes up for."""

from collections.abc import Sequence
from dataclasses import dataclass

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.rules import RuleEffect, SelectedRules
from opsconductor.domain.selection import ToolScore
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.slots import Filled
from opsconductor.stages.b_select.targets import Reach

QUICK = frozenset({"quick", "quickly", "fast", "briefly", "brief", "glance", "roughly"})
THOROUGH = frozenset({"thorough", "thoroughly", "full", "fully", "detailed", "deep", "properly", "complete"})
LOOK_ONLY = (
    *("just check", "just look", "only check", "only look", "without changing"),
    *("read only", "read-only", "don't change", "do not change"),
)
TOLD = frozenset({"port", "file_path", "version", "url", "command", "user", "date", "duration"})
"""Entity types that narrow a request; what has no place in the chosen tools is told."""
TIE = 0.02

_SAID, _RULE, _COMPLETE, _COVERS, _PREFERENCE = 1.0, 0.5, 0.4, 0.3, 0.1
_PLACES = {"host", "ip"}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One tool, filled as far as the words go."""

    tool: Tool
    filled: Filled
    reach: Reach
    blocked: str = ""  # why it cannot serve this request at all
    code: str = ""  # error code of that
    score: float = 0.0
    reason: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Required inputs that nobody named yet, the target first."""
        target = (self.tool.targets_input,) if self.tool.targets_input and not self.reach.assets else ()
        return (*target, *self.filled.missing)

    @property
    def shown(self) -> ToolScore:
        """As an alternative in the selection."""
        return ToolScore(name=self.tool.name, score=self.score, reason=self.blocked or self.reason)


def blocked(tool: Tool, filled: Filled, reach: Reach) -> tuple[str, str]:
    """Why the tool cannot serve the request, and the error code; two empty texts when it can."""
    if reach.refusal and tool.targets_input:
        return reach.refusal, reach.refusal_code
    if filled.unusable:
        return f"{tool.name} cannot select by {', '.join(filled.unusable)}.", "scope.no_tool"
    wrong = [asset for asset in reach.assets if tool.platforms and asset.platform not in tool.platforms]
    if tool.targets_input and wrong:
        names = ", ".join(f"{asset.name} runs {asset.platform or 'an unknown system'}" for asset in wrong[:5])
        more = f" and {len(wrong) - 5} more do not fit" if len(wrong) > 5 else ""
        return f"{tool.name} works on {' and '.join(tool.platforms)}; {names}{more}.", "scope.no_tool"
    return "", ""


def scored(candidates: Sequence[Candidate], request: Request, rules: SelectedRules) -> list[Candidate]:
    """The candidates with scores and reasons, the fitting ones first, equal ones in the order of the pack."""
    preferred = {rule.tool: rule.rule_id for rule in rules.rules if rule.effect is RuleEffect.PREFER_TOOL}
    fitting = [candidate for candidate in candidates if not candidate.blocked]
    ranked = [_scored(candidate, fitting, request, preferred.get(candidate.tool.name, "")) for candidate in candidates]
    return sorted(ranked, key=lambda candidate: (bool(candidate.blocked), -candidate.score))


def limitations(chosen: Sequence[Candidate], request: Request) -> tuple[str, ...]:
    """A sentence for each thing the request names that no chosen tool takes, so that no answer seems to be about it."""
    taken = {kind for candidate in chosen for kind in candidate.filled.used}
    names = " and ".join(dict.fromkeys(candidate.tool.name for candidate in chosen))
    return tuple(
        f"{names} takes no {entity.type.replace('_', ' ')}: {entity.text} was not looked at."
        for entity in request.entities
        if entity.type in TOLD and entity.type not in taken
    )


def tied(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The best candidates when the score does not tell them apart and they would do different things to the world."""
    fitting = [one for one in candidates if not one.blocked]
    level = [one for one in fitting if fitting[0].score - one.score < TIE]
    return tuple(level) if len({one.tool.effect for one in level}) > 1 else ()


def _scored(candidate: Candidate, fitting: Sequence[Candidate], request: Request, rule: str) -> Candidate:
    reasons: list[str] = []
    tool = candidate.tool
    score = 0.0
    if tool.name.casefold() in request.words:
        score += _SAID
        reasons.append("it is asked for by name")
    if not candidate.missing:
        score += _COMPLETE
        reasons.append("all it needs is named")
    kinds = {"host" if entity.type in _PLACES else entity.type for entity in request.entities}
    taken = {"host" if kind in _PLACES else kind for kind in candidate.filled.used}
    taken |= {"host"} if tool.targets_input else set()
    if kinds:
        score += _COVERS * len(kinds & taken) / len(kinds)
        if kinds & taken:
            reasons.append(f"it takes the named {', '.join(sorted(kinds & taken))}")
    if rule:
        score += _RULE
        reasons.append(f"rule {rule} prefers it")
    words = _preference(tool, fitting, request)
    if words:
        score += _PREFERENCE
        reasons.append(words)
    return Candidate(
        tool=tool,
        filled=candidate.filled,
        reach=candidate.reach,
        blocked=candidate.blocked,
        code=candidate.code,
        score=round(score, 4),
        reason="; ".join(reasons) or "the intent names it",
    )


def _preference(tool: Tool, fitting: Sequence[Candidate], request: Request) -> str:
    """Which words of the request speak for this tool rather than the other fitting ones."""
    times = [candidate.tool.estimate_s for candidate in fitting]
    if len(times) < 2:
        return ""
    text = request.text.casefold()
    if tool.effect is Effect.READ and any(words in text for words in LOOK_ONLY):
        return "it only looks, as asked"
    if any(candidate.tool.estimate for candidate in fitting):
        return ""  # how long it takes is known only once it is planned
    if tool.estimate_s == min(times) < max(times) and request.says(QUICK):
        return "it is the quickest, as asked"
    if tool.estimate_s == max(times) > min(times) and request.says(THOROUGH):
        return "it is the most thorough, as asked"
    return ""
