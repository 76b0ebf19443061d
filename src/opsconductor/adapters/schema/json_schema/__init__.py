"""JSON Schema 2020-12 by `jsonschema`: nothing is fetched, patterns run in linear time, no unknown keywords."""

from opsconductor.adapters.schema.json_schema.engine import JsonSchemas, open_schemas

__all__ = ["JsonSchemas", "open_schemas"]
