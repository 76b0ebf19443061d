"""What a pack holds once checked: tools, agent, and everything the lanes retrieve."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from opsconductor.domain.customer import CustomerDataField
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.knowledge import GlossaryItem, Intent
from opsconductor.domain.rules import Rule, RuleScope
from opsconductor.domain.scenarios import Scenario


class Effect(StrEnum):
    """What running a tool does to the world."""

    READ = "read"
    IDEMPOTENT = "idempotent"
    COMPENSATABLE = "compensatable"
    IRREVERSIBLE = "irreversible"


class RiskLevel(StrEnum):
    """How much a step can hurt; ordered low < medium < high < critical."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return _RANKS[self]


_RANKS = {level: place for place, level in enumerate(RiskLevel)}


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """A CEL expression that must be true, and the words for when it is not."""

    expression: str
    message: str


@dataclass(frozen=True, kw_only=True)
class ToolRun:
    """What the connector is asked to do. Exactly the fields its kind needs are set.

    `argv` elements, and string values in `http`, may be `{"input": NAME}` objects (as mappings) or literal text;
    a value is placed whole, never spliced into other text.
    """

    argv: tuple[str | Mapping[str, str], ...] = ()
    http: Mapping[str, Json] = field(default_factory=dict)  # method, service | url, path, body
    builtin: str = ""  # tcp_connect: a connector's own primitive, named
    parse: str = "json"  # json | text | none: how standard output or the body becomes `output`
    ok_exits: tuple[int, ...] = (0,)


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Reads back whether the effect happened; must itself have no effect."""

    run: ToolRun
    settle_s: float = 0.0  # wait at most so long for the verdict to become certain
    done: str = ""  # CEL over before, after: true = it happened
    not_done: str = ""  # CEL: true = it did not


@dataclass(frozen=True, kw_only=True)
class RiskRule:
    """An argument or target rule: raises the risk of a call while its CEL expression holds, or cannot be judged."""

    when: str  # over `input` and `target`
    risk: RiskLevel
    because: str


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool of the catalogue, checked at load."""

    name: str
    version: str
    description: str
    platforms: tuple[str, ...]  # asset platforms it works on; () = needs no asset
    effect: Effect
    risk: RiskLevel  # the catalogue's own floor, on top of what the effect implies
    connector: str  # http | ssh | network
    inputs: JsonObject  # JSON Schema 2020-12 with x-entity
    run: ToolRun
    output: Mapping[str, Mapping[str, Json]]  # declared output fields: name → {type, unit?}
    estimate_s: float  # seconds per target; 0 where `estimate` tells
    timeout_class: str  # e.g. fast_read, fast_change (contracts: limits)
    estimate: str = ""  # CEL over `input` and `targets` (how many): seconds for all of them together
    targets_input: str = ""  # the input that names the target asset; "" = no target
    max_targets: int = 1
    probe: Probe | None = None
    no_probe_reason: str = ""  # mandatory when an effect has no probe
    preconditions: tuple[Criterion, ...] = ()
    success: tuple[Criterion, ...] = ()
    undo: str = ""  # tool that reverses it
    undo_inputs: Mapping[str, Json] = field(default_factory=dict)  # as in PlanStep
    verify: str = ""  # reading tool that tells whether a part of the targets is well
    canary: int = 0
    batch: int = 0
    concurrency: int = 1
    retries: int = 0
    retry_pause_s: float = 1.0
    on_failure: str = "stop"  # stop | continue | undo
    risk_rules: tuple[RiskRule, ...] = ()
    credential: str = ""  # "target" = the asset's credential_ref, or a name, or "" = none
    redact: tuple[str, ...] = ()  # input or output fields never shown
    examples: tuple[str, ...] = ()
    answer: str = ""  # template of the facts block
    target_label: str = ""  # e.g. "{service} on {host}", for approval dialogs and answers
    outside_inventory_level: int = 1  # level when an address is not in the inventory
    source: str = ""  # pack file:line
    digest: str = ""  # SHA-256 over the canonical JSON of the declaration

    @cached_property
    def properties(self) -> Mapping[str, JsonObject]:
        """The declared inputs by name."""
        declared = self.inputs.get("properties")
        items = declared.items() if isinstance(declared, Mapping) else ()
        return {name: spec for name, spec in items if isinstance(spec, Mapping)}

    @cached_property
    def address_inputs(self) -> Mapping[str, str]:
        """Inputs that name an address directly, and of which kind: url or ip."""
        kinds = {name: str(spec.get("x-entity")) for name, spec in self.properties.items()}
        return {name: kind for name, kind in kinds.items() if kind in ("url", "ip")}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the inputs that a call must have."""
        names = self.inputs.get("required")
        return tuple(str(name) for name in names) if isinstance(names, (list, tuple)) else ()

    @cached_property
    def inputs_without_target(self) -> JsonObject:
        """The schema of every input but the target, which the inventory has resolved and no pattern judges."""
        if not self.targets_input:
            return self.inputs
        properties = {name: spec for name, spec in self.properties.items() if name != self.targets_input}
        wanted = [name for name in self.required if name != self.targets_input]
        return {**self.inputs, "properties": properties, "required": wanted}


@dataclass(frozen=True, kw_only=True)
class Agent:
    """Whom the pack makes of the engine."""

    agent_id: str
    name: str
    description: str
    greeting: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict)  # behaviour: thresholds, strategies


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """One loaded, checked version of a pack."""

    pack: str
    version: str
    digest: str  # changes whenever any file's meaning changes
    agent: Agent
    tools: Mapping[str, Tool]
    rules: tuple[Rule, ...]
    scenarios: tuple[Scenario, ...]
    intents: tuple[Intent, ...]
    glossary: tuple[GlossaryItem, ...]
    customer_fields: tuple[CustomerDataField, ...]
    out_of_scope: tuple[str, ...] = ()  # masked examples of what this agent does not do

    @cached_property
    def intents_by_label(self) -> Mapping[str, Intent]:
        """The intents by `category/action`."""
        return {intent.label: intent for intent in reversed(self.intents)}

    @cached_property
    def rules_by_id(self) -> Mapping[str, Rule]:
        """The rules by their id."""
        return {rule.rule_id: rule for rule in self.rules}

    @cached_property
    def always_enforced(self) -> Mapping[str, Rule]:
        """By id, the rules that judge every reply, whatever was retrieved for its request."""
        return {
            rule.rule_id: rule
            for rule in self.rules
            if rule.scope is RuleScope.GLOBAL and rule.enabled and rule.judges_replies
        }


@dataclass(frozen=True, kw_only=True)
class PackFault:
    """One fault found in a pack, and how to mend it."""

    file: str
    line: int
    fault: str
    remedy: str
