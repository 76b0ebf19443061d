"""Questions about assets: which fit, how many, and the page that is shown."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from opsconductor.adapters.asset_store.sqlite.rows import list_of, to_json
from opsconductor.adapters.sql_statements import Statements
from opsconductor.domain.assets import FILTER_FIELDS, AssetAnswer, AssetQuery
from opsconductor.domain.errors import BadInput

_SQL = Statements(__package__, "assets")

KIND_FIELDS = ("type", "role", "platform", "os", "environment", "site", "owner", "status", "source")
"""In the order of a row of `words_of_kinds`."""

_TYPES = ("count", "list", "show", "search", "group")


def check(query: AssetQuery) -> None:
    """Raise `inventory.bad_query` for a type, field or filter value that there is not."""
    if query.query_type not in _TYPES:
        raise BadInput("inventory.bad_query", f"A query is one of {', '.join(_TYPES)}.")
    for name in (*query.filters, query.group_by):
        if name not in FILTER_FIELDS:
            raise BadInput("inventory.bad_query", f"There is no field {name}; fields are {', '.join(FILTER_FIELDS)}.")
    if query.limit < 0 or query.offset < 0:
        raise BadInput("inventory.bad_query", "limit and offset are 0 or more.")


def answer(connection: sqlite3.Connection, tenant: str, query: AssetQuery) -> AssetAnswer:
    """The answer to a checked query."""
    kinds, own = _conditions(query)
    values = {**_words_by_field(query), "tenant": tenant, "limit": query.limit, "offset": query.offset}
    field = query.group_by if query.group_by in KIND_FIELDS else "type"

    def run(name: str) -> list[Any]:
        # Only texts of ours are put in: conditions of the file, and a field of KIND_FIELDS.
        statement = _SQL[name].replace("{conditions}", own + _SQL["of_kinds"] if kinds else own)
        statement = statement.replace("{kinds}", kinds).replace("{field}", field)
        return connection.execute(statement, values).fetchall()

    counts: dict[str, int] = dict(run("counts_of_assets" if own else "counts_of_kinds"))
    total = sum(counts.values())
    if query.group_by not in KIND_FIELDS:
        counts = dict(run(f"counts_by_{query.group_by}"))
    return AssetAnswer(
        success=True,
        total_count=total,
        breakdown=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        assets=() if query.query_type == "count" else tuple(map(to_json, run("page"))),
    )


def _conditions(query: AssetQuery) -> tuple[str, str]:
    """The conditions on kinds, and those that only the assets themselves can tell."""
    kinds = _SQL["fits_kind"] if any(name in KIND_FIELDS for name in query.filters) else ""
    parts = [_SQL[f"fits_{name}"] for name in ("name", "service") if name in query.filters]
    if query.query_type == "search":
        parts.append(_SQL["fits_text"])
    return kinds, "".join(part + "\n" for part in parts)


def _words_by_field(query: AssetQuery) -> Mapping[str, str | None]:
    """For each field the words of its filter as a JSON list, as they are compared; None without a filter."""
    words: dict[str, str | None] = dict.fromkeys(FILTER_FIELDS)
    for name, wanted in query.filters.items():
        several = wanted if isinstance(wanted, list | tuple) else [wanted]
        words[name] = list_of(str(word).casefold() for word in several)
    words["text"] = query.text.casefold()
    return words
