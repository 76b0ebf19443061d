"""Texts as PostgreSQL takes them: U+0000, which it has no room for, is written as two other characters.

Only what comes back exactly is stored: the character that begins such a pair is written as a pair itself.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

_MARK = "\ufdd0"  # a noncharacter: no text that people exchange has it
_NUL, _ITSELF = _MARK + "0", _MARK + _MARK


def stored(value: Any) -> Any:
    """A parameter as it is sent: texts, and texts in lists, without U+0000."""
    if isinstance(value, str):
        return _escaped(value) if "\x00" in value or _MARK in value else value
    if isinstance(value, list):
        return [stored(one) for one in value]
    return value


def stored_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a statement as they are sent."""
    return {name: stored(value) for name, value in row.items()}


def given_back(value: Any) -> Any:
    """A column of a result as it was given."""
    if isinstance(value, str):
        return _restored(value) if _MARK in value else value
    if isinstance(value, list):
        return [given_back(one) for one in value]
    return value


def keep_json_as_text(connection: "psycopg.AsyncConnection[Any]") -> None:
    """JSON columns are read as the text they hold: our codec makes domain values of it in one step."""
    connection.adapters.register_loader("json", TextLoader)


def _escaped(text: str) -> str:
    return text.replace(_MARK, _ITSELF).replace("\x00", _NUL)


def _restored(text: str) -> str:
    return _MARK.join(part.replace(_NUL, "\x00") for part in text.split(_ITSELF))
