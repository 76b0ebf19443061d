"""`intents/*.yaml`, `glossary.yaml` and `out_of_scope.yaml`: what understanding draws on."""

import re

from opsconductor.adapters.catalogue.files.faults import did_you_mean
from opsconductor.adapters.catalogue.files.items import Declaration, Item
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.domain.entities import ENTITY_TYPES
from opsconductor.domain.knowledge import Mode

CATEGORIES = ("information", "asset_management", "monitoring", "troubleshooting", "automation", "configuration")
_LABEL = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
_MASK = re.compile(r"\{([^{}]*)\}")
_PHRASE = re.compile(r"[A-Za-z][A-Za-z' -]*[A-Za-z]")
_ANSWER_LISTS = frozenset({"tools", "memories"})


def declare_intent(fields: Fields) -> Item:
    """The intent's declaration; adds faults for what is wrong with it."""
    label = fields.name("label", _LABEL, "category/action, such as monitoring/disk_usage")
    category, _, action = label.partition("/")
    if category and category not in CATEGORIES:
        fields.fault("label", f"There is no category {category!r}.", did_you_mean(category, CATEGORIES, "Use one of"))
    data: Declaration = {
        "category": category,
        "action": action,
        "mode": fields.choice("mode", (Mode.INFO.value, Mode.ACT.value), required=True),
        "description": fields.text("description", required=True, longest=300),
        "examples": _masked(fields, "examples"),
        "tools": [*fields.texts("tools")],
        "answer": fields.text("answer"),
    }
    fields.finish()
    if not data["tools"] and not data["answer"]:
        fields.fault(fields.start, "The intent has neither tools nor an answer.", "Name the tools that serve it.")
    if data["tools"] and data["answer"]:
        fields.fault("answer", "An intent with tools does not use answer.", "Word the answer in the tool.")
    for name in _MASK.findall(str(data["answer"])):
        if name not in _ANSWER_LISTS:
            fields.fault(
                "answer", f"{{{name}}} cannot stand in an answer.", "Use {tools} or {memories}, or plain words."
            )
    return Item(name=label, data=data, fields=fields)


def declare_term(fields: Fields) -> Item:
    """One glossary term."""
    aliases = fields.texts_with_lines("aliases", longest=60)
    data: Declaration = {
        "term": fields.text("term", required=True, longest=60),
        "meaning": fields.text("meaning", required=True),
        "aliases": [alias for alias, _ in aliases],
        "replace_with": fields.text("replace_with", longest=60),
    }
    fields.finish()
    replacement = str(data["replace_with"]).lower()
    for alias, line in aliases:
        if not _PHRASE.fullmatch(alias):
            fields.fault(
                line, f"The alias {alias!r} is no plain phrase.", "Use letters; names have digits, words do not."
            )
        elif re.search(rf"\b{re.escape(alias.lower())}\b", replacement):
            fields.fault(line, f"The alias {alias!r} stands in its own replacement.", "Choose other words.")
    if replacement and not aliases:
        fields.fault("replace_with", "There is nothing to replace.", "Add aliases, or remove replace_with.")
    return Item(name=str(data["term"]).lower(), data=data, fields=fields)


def declare_out_of_scope(fields: Fields) -> list[str]:
    """Masked examples of what the agent does not do."""
    examples = _masked(fields, "examples")
    fields.finish()
    return [str(example) for example in examples]


def _masked(fields: Fields, key: str) -> list[str]:
    """Examples whose `{…}` are entity types, one text each."""
    found = fields.texts_with_lines(key, required=True, longest=300)
    for example, line in found:
        for name in _MASK.findall(example):
            if name not in ENTITY_TYPES:
                remedy = did_you_mean(name, ENTITY_TYPES, "Use one of")
                fields.fault(line, f"{{{name}}} is no type of entity.", remedy)
    return [example for example, _ in found]
