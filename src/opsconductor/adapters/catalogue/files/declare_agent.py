"""`agent.yaml`: who the pack makes of the engine, and the settings of its behaviour."""

from opsconductor.adapters.catalogue.files.building import SHARES
from opsconductor.adapters.catalogue.files.items import Declaration, Item
from opsconductor.adapters.catalogue.files.reading import NAME, WORD, Fields
from opsconductor.domain.approval_rights import SETTING, faults
from opsconductor.domain.catalogue import RiskLevel
from opsconductor.domain.identity import Role
from opsconductor.domain.json_value import Json

LANES = ("rules", "scenarios", "memories", "intents")
STRATEGIES = ("fixed_k", "elbow", "adaptive_k", "entropy", "clustering")
NUMBERS = {
    "clarify_rounds": (0, 10),
    "max_targets": (1, 10_000),
    "retrieval_pool": (1, 1_000),
    "change_level": (0, 3),
    "production_level": (0, 3),
}
GRANT = (
    "Write a list of grants, such as {roles: [approver], risks: [low, medium], tools: [service-*], names: [ana]}; "
    f"roles: {', '.join(Role)}; risks: {', '.join(RiskLevel)}."
)


def declare_agent(fields: Fields) -> Item:
    """The agent's declaration; adds faults for what is wrong with it."""
    data: Declaration = {
        "pack": fields.name("pack", NAME, "small letters, digits and dashes"),
        "version": fields.text("version", required=True, longest=40),
        "agent_id": fields.name("id", NAME, "small letters, digits and dashes, such as ops"),
        "name": fields.text("name", required=True, longest=80),
        "description": fields.text("description", required=True),
        "greeting": fields.text("greeting"),
        "settings": _settings(fields.child("settings", "the settings")),
    }
    fields.finish()
    return Item(name=str(data["agent_id"]), data=data, fields=fields)


def _settings(fields: Fields | None) -> Declaration:
    """Only what is set; shares in thousandths."""
    if fields is None:
        return {}
    data: Declaration = {key: fields.thousandths(key) for key in SHARES if fields.has(key)}
    data |= {key: fields.whole(key, low, high, low) for key, (low, high) in NUMBERS.items() if fields.has(key)}
    for lane in LANES:
        if fields.has(f"{lane}_strategy"):
            data[f"{lane}_strategy"] = fields.choice(f"{lane}_strategy", STRATEGIES)
        if fields.has(f"{lane}_limit"):
            data[f"{lane}_limit"] = fields.whole(f"{lane}_limit", 1, 1_000, 1)
    if fields.has(SETTING):
        data[SETTING] = _rights(fields)
    if fields.has("nouns"):
        data["nouns"] = {kind: _noun(kind, noun) for kind, noun in fields.named("nouns", "the noun").items()}
    fields.finish()
    return data


def _rights(fields: Fields) -> Json:
    """Who may approve what; a grant that would grant nothing is a fault."""
    grants = fields.json(SETTING)
    if not isinstance(grants, list):
        fields.fault(SETTING, f"{SETTING} is no list of grants.", GRANT)
        return []
    for index, grant in enumerate(grants):
        if faults([grant]):
            words = f"Grant {index + 1} of {SETTING} cannot be taken."
            fields.fault(fields.place(SETTING, str(index)), words, GRANT)
    return grants


def _noun(kind: str, fields: Fields) -> Declaration:
    if not WORD.fullmatch(kind):
        fields.fault(fields.start, f"{kind!r} is no asset type.", "Write it in snake case, such as linux_server.")
    data: Declaration = {"one": fields.text("one", required=True), "many": fields.text("many", required=True)}
    fields.finish()
    return data
