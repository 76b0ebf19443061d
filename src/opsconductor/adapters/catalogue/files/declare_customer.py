"""`customer_fields.yaml`: what may be remembered about a customer, and for how long."""

from opsconductor.adapters.catalogue.files.items import Declaration, Item
from opsconductor.adapters.catalogue.files.reading import WORD, Fields
from opsconductor.domain.customer import Scope
from opsconductor.domain.errors import BadInput
from opsconductor.ports.schema import Schemas

TYPES = ("string", "number", "boolean", "datetime", "json")
VALUE = "{value}"


def declare_customer_field(fields: Fields, schemas: Schemas) -> Item:
    """One field's declaration; adds faults for what is wrong with it."""
    scope = fields.choice("scope", [scope.value for scope in Scope], required=True)
    kind = fields.choice("type", TYPES, required=True)
    examples = fields.texts_with_lines("examples", longest=300)
    data: Declaration = {
        "key": fields.name("key", WORD, "small letters, digits and underscores, such as change_freeze"),
        "scope": scope,
        "type": kind,
        "description": fields.text("description", required=True),
        "persist": fields.flag("persist", default=scope != Scope.SESSION),
        "validation": _validation(fields.child("validation", "the validation"), kind, schemas),
        "pii": fields.flag("pii", default=False),
        "retention_days": fields.whole("retention_days", 1, 36_500, 0) if fields.has("retention_days") else None,
        "examples": [example for example, _ in examples],
    }
    fields.finish()
    for example, line in examples:
        if example.count(VALUE) != 1:
            fields.fault(line, f"The example does not hold {VALUE} once.", f"Write it as `my team is {VALUE}`.")
    if scope == Scope.SESSION and data["persist"]:
        fields.fault("persist", "A SESSION field is never kept.", "Write `persist: false`, or another scope.")
    if data["pii"] and data["persist"] and not data["retention_days"]:
        fields.fault("pii", "Personal data is kept without an end.", "Add `retention_days: N`.")
    return Item(name=str(data["key"]), data=data, fields=fields)


def _validation(fields: Fields | None, kind: str, schemas: Schemas) -> Declaration:
    if fields is None:
        return {}
    data: Declaration = {}
    if fields.has("enum"):
        data["enum"] = [*fields.texts("enum", required=True)]
    if fields.has("pattern"):
        data["pattern"] = fields.text("pattern", longest=300)
    for key in ("minimum", "maximum"):
        if fields.has(key):
            data[key] = fields.whole(key, -(10**12), 10**12, 0)
    fields.finish()
    for key in data:
        if kind and kind != ("string" if key in ("enum", "pattern") else "number"):
            fields.fault(key, f"A field of type {kind} has no {key}.", f"Remove {key}.")
    try:
        schemas.check_schema({"pattern": str(data.get("pattern", ""))})
    except BadInput as error:
        fields.fault("pattern", error.message, error.next_step)
    return data
