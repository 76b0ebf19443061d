"""What goes over the wire: requests checked field by field into queries, domain values as JSON data."""

from collections.abc import Iterable, Mapping
from typing import cast

from opsconductor.domain.assets import FILTER_FIELDS, Asset, AssetAnswer, AssetMatch, AssetQuery, Mention, Vocabulary
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json

QUERY_TYPES = ("count", "list", "show", "search", "group")
MAX_LIMIT = 1_000
MAX_TEXTS = 1_000
MAX_WORD = 256
_QUERY_FIELDS = ("query_type", "filters", "group_by", "text", "limit", "offset")


def query_of(body: Mapping[str, Json]) -> AssetQuery:
    """The query a body asks. Raises `request.invalid` for its form, `inventory.bad_query` for what it names."""
    only(body, *_QUERY_FIELDS)
    query_type = text_of(body, "query_type")
    if query_type not in QUERY_TYPES:
        raise BadInput("inventory.bad_query", f"query_type must be one of {', '.join(QUERY_TYPES)}.")
    filters = body.get("filters", {})
    if not isinstance(filters, Mapping):
        raise BadInput("request.invalid", "filters must be an object.", field="filters")
    group_by = text_of(body, "group_by", "type")
    _known([*filters, group_by])
    query = AssetQuery(
        query_type=query_type,
        filters={name: _filter(name, value) for name, value in filters.items()},
        group_by=group_by,
        text=text_of(body, "text", ""),
        limit=_whole(body, "limit", 100, 1, MAX_LIMIT),
        offset=_whole(body, "offset", 0, 0, 2**31),
    )
    if query.query_type == "search" and not query.text.strip():
        raise BadInput("request.invalid", "A search needs a text.", field="text")
    return query


def listing_of(parameters: Iterable[tuple[str, str]]) -> AssetQuery:
    """The list that the parameters of GET /assets ask for: limit, offset, and filters, each as often as wanted."""
    body: dict[str, Json] = {"query_type": "list"}
    filters: dict[str, list[str]] = {}
    for name, value in parameters:
        if name not in ("limit", "offset"):
            filters.setdefault(name, []).append(value)
        elif name in body or not (value.isascii() and value.isdigit() and len(value) < 11):
            raise BadInput("request.invalid", f"{name} must be one whole number.", field=name)
        else:
            body[name] = int(value)
    return query_of(body | {"filters": filters})


def texts_of(body: Mapping[str, Json], name: str) -> list[str]:
    """The list of texts in field `name`, the only field. Raises `request.invalid`."""
    only(body, name)
    texts = body.get(name)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts) or len(texts) > MAX_TEXTS:
        raise BadInput("request.invalid", f"{name} must be a list of at most {MAX_TEXTS} texts.", field=name)
    return cast(list[str], texts)


def only(body: Mapping[str, Json], *names: str) -> None:
    """Raises `request.invalid` for a field that is none of `names`."""
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise BadInput("request.invalid", f"Unknown field {unknown[0][:60]!r}.", field=unknown[0][:60])


def text_of(body: Mapping[str, Json], name: str, default: str | None = None) -> str:
    """The text in a field. Raises `request.invalid` when it is none, or longer than 256 characters."""
    value = body.get(name, default)
    if not isinstance(value, str) or len(value) > MAX_WORD:
        raise BadInput("request.invalid", f"{name} must be a text of at most {MAX_WORD} characters.", field=name)
    return value


def answer_json(query: AssetQuery, answer: AssetAnswer) -> dict[str, Json]:
    """A count says success, total_count and breakdown; the other queries carry assets as well."""
    found: dict[str, Json] = {
        "success": answer.success,
        "total_count": answer.total_count,
        "breakdown": dict(answer.breakdown),
    }
    return found if query.query_type == "count" else found | {"assets": list(answer.assets)}


def mention_json(mention: Mention) -> dict[str, Json]:
    """A mention and its matches."""
    return {"text": mention.text, "kind": mention.kind, "matches": [_match_json(match) for match in mention.matches]}


def asset_json(asset: Asset) -> dict[str, Json]:
    """A whole asset, its connection included, as connectors need it."""
    return {
        "asset_id": asset.asset_id,
        "tenant": asset.tenant,
        "name": asset.name,
        "type": asset.type,
        "source": asset.source,
        "source_id": asset.source_id,
        "role": asset.role,
        "platform": asset.platform,
        "os": asset.os,
        "environment": asset.environment,
        "site": asset.site,
        "owner": asset.owner,
        "status": asset.status,
        "ip": asset.ip,
        "criticality": asset.criticality,
        "services": [{"name": service.name, "port": service.port} for service in asset.services],
        "connection": dict(asset.connection),
        "attributes": dict(asset.attributes),
    }


def vocabulary_json(vocabulary: Vocabulary) -> dict[str, Json]:
    """Revision and words by field."""
    return {
        "revision": vocabulary.revision,
        "values": {name: list(words) for name, words in vocabulary.values.items()},
    }


def _match_json(match: AssetMatch) -> dict[str, Json]:
    return {
        "asset_id": match.asset_id,
        "name": match.name,
        "type": match.type,
        "platform": match.platform,
        "environment": match.environment,
        "site": match.site,
        "owner": match.owner,
        "services": list(match.services),
        "criticality": match.criticality,
        "exact": match.exact,
        "score": match.score,
    }


def _known(names: Iterable[str]) -> None:
    unknown = next((name for name in names if name not in FILTER_FIELDS), None)
    if unknown is not None:
        fields = ", ".join(FILTER_FIELDS)
        raise BadInput("inventory.bad_query", f"There is no field {unknown[:60]!r}; fields are {fields}.")


def _filter(name: str, value: Json) -> Json:
    words = value if isinstance(value, list) else [value]
    if not words or len(words) > MAX_TEXTS or not all(isinstance(word, str) for word in words):
        raise BadInput("inventory.bad_query", f"The filter {name} must be a text or a list of texts.", field=name)
    return value


def _whole(body: Mapping[str, Json], name: str, default: int, least: int, most: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadInput("request.invalid", f"{name} must be a whole number from {least} to {most}.", field=name)
    return value
