"""Rules of a pack, how they relate, and the recorded reason for each one kept or dropped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opsconductor.domain.json_value import Json


class RuleScope(StrEnum):
    """Where a rule is considered. GLOBAL rules are checked on every turn, whatever retrieval finds."""

    GLOBAL = "GLOBAL"
    AGENT = "AGENT"
    SCENARIO = "SCENARIO"


class RuleEffect(StrEnum):
    """What a rule does when it applies. Rules only ever raise or restrict."""

    DENY = "deny"  # the plan, or the request itself, is refused
    RAISE_LEVEL = "raise_level"  # approval level is at least `level`
    MUST_SAY = "must_say"  # `text` stands in the reply
    MUST_NOT_SAY = "must_not_say"  # the enforcement expression must hold for the reply
    PREFER_TOOL = "prefer_tool"  # `tool` is preferred when several fit


class RelationKind(StrEnum):
    """How one rule bears on another after selection."""

    DEPENDS_ON = "depends_on"
    IMPLIES = "implies"
    EXCLUDES = "excludes"
    SPECIALIZES = "specializes"
    RELATED = "related"


@dataclass(frozen=True, kw_only=True)
class Relationship:
    """`source` bears on `target`."""

    source: str
    kind: RelationKind
    target: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule as the pack declares it."""

    rule_id: str
    title: str
    description: str  # what retrieval reads: when this matters, in plain words
    scope: RuleScope
    effect: RuleEffect
    hard: bool = False  # hard rules are judged deterministically in the gate
    enabled: bool = True
    priority: int = 0
    condition: str = ""  # CEL; empty = always. Undefined variable = does not apply (hard deny: applies)
    facets: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # required context, e.g. environment: [production]
    text: str = ""  # MUST_SAY wording
    level: int = 0  # RAISE_LEVEL
    tool: str = ""  # PREFER_TOOL
    enforcement: str = ""  # MUST_NOT_SAY: CEL over the reply; must be true
    on_missing: str = "fail"  # pass | fail: the enforcement's verdict when a variable is undefined
    cooldown_turns: int = 0  # not again within so many turns of the session
    max_fires: int = 0  # per session; 0 = no limit
    scenario: str = ""  # for scope SCENARIO
    relations: tuple[Relationship, ...] = ()

    @property
    def judges_replies(self) -> bool:
        """Whether a reply has to pass its enforcement."""
        return self.effect is RuleEffect.MUST_NOT_SAY and bool(self.enforcement)


@dataclass(frozen=True, kw_only=True)
class RuleVerdict:
    """Why one candidate rule was kept or dropped."""

    rule_id: str
    kept: bool
    reason: str  # e.g. "global", "condition holds", "cooldown: 2 turns left", "excluded by r-7"
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class SelectedRules:
    """P5's result: the rules in force for this turn, and every verdict."""

    rules: tuple[Rule, ...] = ()
    verdicts: tuple[RuleVerdict, ...] = ()
    ruled_out: frozenset[str] = frozenset()  # their condition is about the request alone, and does not hold for it


def facets_match(required: Mapping[str, tuple[str, ...]], context: Mapping[str, Json]) -> bool:
    """True when every required facet has one of its values in `context` (a value or a list of values)."""
    for key, wanted in required.items():
        have = context.get(key)
        values = have if isinstance(have, (list, tuple)) else [have]
        if not any(str(value) in wanted for value in values if value is not None):
            return False
    return True
