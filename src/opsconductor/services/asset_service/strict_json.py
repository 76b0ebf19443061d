"""Request bodies, read so that there is one meaning only: capped, UTF-8, no duplicate keys, no NaN."""

import asyncio
import json
import math
from collections.abc import Sequence
from typing import Any, NoReturn

from starlette.requests import Request

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json

MAX_BODY_BYTES = 64 * 1024
BODY_TIMEOUT_S = 10.0


async def read_object(request: Request) -> dict[str, Json]:
    """The JSON object a request carries.

    Raises `request.media_type`, `.too_large` (above 64 KiB), `.bad_json`, `.bad_text` (U+0000), `.invalid`.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        raise BadInput("request.media_type", "The body must be plain application/json.")
    value = parse(await _body(request))
    if not isinstance(value, dict):
        raise BadInput("request.invalid", "The body must be a JSON object.")
    return value


def parse(data: bytes) -> Json:
    """The JSON value of `data`; see `read_object` for what is refused."""
    try:
        text = data.decode("utf-8")
        value: Json = json.loads(text, object_pairs_hook=_object, parse_constant=_not_a_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise BadInput("request.bad_json", "The body is not valid JSON.") from error
    if "\\u" in text:
        _check_escapes(value)
    return value


async def _body(request: Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise BadInput(
                        "request.too_large", "The body is larger than 64 KiB.", next_step="Send at most 64 KiB."
                    )
            return bytes(body)
    except TimeoutError as error:
        raise BadInput("request.invalid", "The body did not arrive in time.") from error


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _not_a_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number")
    return number


def _check_escapes(value: Json) -> None:
    """U+0000 and halves of character pairs can only come in as escapes; no store takes them."""
    left: list[Json] = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            left += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            left += item
        elif isinstance(item, str) and "\x00" in item:
            raise BadInput("request.bad_text", "The text holds U+0000.")
        elif isinstance(item, str) and any("\ud800" <= character <= "\udfff" for character in item):
            raise BadInput("request.bad_text", "The text holds half of a character pair.")
