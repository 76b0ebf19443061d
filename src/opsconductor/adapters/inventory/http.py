"""The inventory as the asset service tells it, over one kept connection."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import httpx2

from opsconductor.adapters.json_codec import load
from opsconductor.domain.assets import Asset, AssetAnswer, AssetQuery, Mention, Vocabulary
from opsconductor.domain.errors import BadInput, Unavailable
from opsconductor.domain.json_value import Json

HOME_HEADER = "OpsConductor-Home"
CONNECT_S = 1.0
READ_S = 5.0
WHOLE_CALL_S = 15.0
MAX_ANSWER_BYTES = 16 * 1024 * 1024
_LONGEST_TEXT = 253
_BATCH_TEXTS = 1_000
_BATCH_BYTES = 48 * 1024

_CONNECTION_LOST = (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError, httpx2.CloseError)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class _Mentions:
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, kw_only=True)
class _Assets:
    assets: tuple[Asset, ...]


@dataclass(frozen=True, kw_only=True)
class _Answer:
    status: int
    etag: str
    body: bytes


class HttpInventory:
    """Asks the asset service at `base_url()` with the bearer token `token(tenant)`; safe to share between tasks.

    It sends no token before the service there has told that it belongs to the home `home_id`.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        *,
        base_url: Callable[[], str],
        token: Callable[[str], str],
        home_id: str,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        """`base_url` is asked before every call, so the service may move; its own errors pass through."""
        self._client = client
        self._base_url = base_url
        self._token = token
        self._home_id = home_id
        self._max_answer_bytes = max_answer_bytes
        self._ours = ""  # the base URL whose service is known to be ours
        self._vocabularies: dict[str, tuple[str, Vocabulary]] = {}

    async def resolve(self, tenant: str, texts: Sequence[str]) -> tuple[Mention, ...]:
        """See the port. Texts that no asset can be called are not sent."""
        sendable = [text for text in dict.fromkeys(texts) if _can_be_a_name(text)]
        found: list[Mention] = []
        for batch in _batches(sendable):
            answer = await self._call(tenant, "POST", "/resolve", {"texts": batch})
            found += self._read(_Mentions, answer).mentions
        return tuple(found)

    async def vocabulary(self, tenant: str) -> Vocabulary:
        """See the port. A copy of the same revision is confirmed by the service, never assumed."""
        etag, kept = self._vocabularies.get(tenant, ("", None))
        answer = await self._call(tenant, "GET", "/vocabulary", etag=etag)
        if answer.status == 304 and kept is not None:
            return kept
        words = self._read(Vocabulary, answer)
        self._vocabularies[tenant] = (answer.etag, words)  # the tag names home and revision
        return words

    async def query(self, tenant: str, query: AssetQuery) -> AssetAnswer:
        """See the port; `inventory.bad_query` when the service knows no such field or query type."""
        body: dict[str, Json] = {
            "query_type": query.query_type,
            "filters": query.filters,
            "group_by": query.group_by,
            "text": query.text,
            "limit": query.limit,
            "offset": query.offset,
        }
        answer = self._read(AssetAnswer, await self._call(tenant, "POST", "/query", body))
        if not answer.success or answer.total_count < 0:
            raise self._bad_answer("its answer does not say success")
        return answer

    async def assets(self, tenant: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
        """See the port."""
        found: list[Asset] = []
        for batch in _batches(asset_ids):
            answer = await self._call(tenant, "POST", "/assets", {"asset_ids": batch})
            found += self._read(_Assets, answer).assets
        return tuple(found)

    async def _call(
        self, tenant: str, method: str, path: str, body: Mapping[str, Json] | None = None, *, etag: str = ""
    ) -> _Answer:
        """One request, tried again once when the service closed the kept connection just then; all calls only read."""
        for again in (True, False):
            base_url = self._base_url()
            try:
                async with asyncio.timeout(WHOLE_CALL_S):
                    await self._check_home(base_url)
                    headers = {"Authorization": f"Bearer {self._token(tenant)}"}
                    if etag:
                        headers["If-None-Match"] = etag
                    return self._checked(await self._exchange(base_url + path, method, headers, body))
            except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
                self._ours = ""
                if not (again and isinstance(error, _CONNECTION_LOST)):
                    raise self._unavailable(base_url, type(error).__name__) from error
        raise AssertionError("the loop above returns or raises")

    async def _check_home(self, base_url: str) -> None:
        if self._ours != base_url:
            await self._exchange(base_url + "/healthz", "GET", {})
            self._ours = base_url

    async def _exchange(
        self, url: str, method: str, headers: Mapping[str, str], value: Mapping[str, Json] | None = None
    ) -> _Answer:
        content = None if value is None else json.dumps(value).encode("ascii")
        sent = {**headers, "Content-Type": "application/json"} if content else headers
        async with self._client.stream(method, url, headers=sent, content=content) as response:
            if response.headers.get(HOME_HEADER) != self._home_id:
                self._ours = ""
                raise self._bad_answer("it belongs to another home")
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._max_answer_bytes:
                    raise self._bad_answer(f"its answer is larger than {self._max_answer_bytes} bytes")
            return _Answer(status=response.status_code, etag=response.headers.get("etag", ""), body=bytes(body))

    def _checked(self, answer: _Answer) -> _Answer:
        """The answer when it is one; otherwise its error as ours."""
        if answer.status in (200, 304):
            return answer
        code, detail = _problem(answer.body)
        if code in ("inventory.bad_query", "request.invalid", "request.bad_text", "request.too_large"):
            raise BadInput(code, detail)
        if answer.status >= 500:
            message = f"The asset service cannot answer: {detail or f'status {answer.status}'}"
            raise Unavailable("inventory.unavailable", message, cause=code)
        raise self._bad_answer(f"it answered with status {answer.status} {code}".rstrip())

    def _read(self, kind: type[T], answer: _Answer) -> T:
        try:
            return load(kind, answer.body)
        except BadInput as error:
            raise self._bad_answer(f"it sent something else than promised ({error.message})") from error

    def _bad_answer(self, why: str) -> Unavailable:
        return Unavailable("inventory.bad_answer", f"The asset service cannot be believed: {why}.")

    def _unavailable(self, base_url: str, reason: str) -> Unavailable:
        return Unavailable("inventory.unavailable", f"The asset service at {base_url} does not answer ({reason}).")


@contextlib.asynccontextmanager
async def open_inventory(
    base_url: Callable[[], str], token: Callable[[str], str], home_id: str
) -> AsyncIterator[HttpInventory]:
    """The engine with its connection, closed at the end of the block."""
    client = httpx2.AsyncClient(
        # An asset service is reached over loopback; a bare context trusts nobody and loads no certificates (20 ms).
        verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
        limits=httpx2.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=60),
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "opsconductor"},
    )
    async with client:
        yield HttpInventory(client, base_url=base_url, token=token, home_id=home_id)


def _can_be_a_name(text: str) -> bool:
    return 0 < len(text.strip()) <= _LONGEST_TEXT and "\x00" not in text and not any(map(_is_half, text))


def _is_half(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """`texts` in order, in pieces that one request may carry."""
    batch: list[str] = []
    size = 0
    for text in texts:
        length = len(json.dumps(text)) + 2
        if batch and (size + length > _BATCH_BYTES or len(batch) == _BATCH_TEXTS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += length
    if batch:
        yield batch


def _problem(body: bytes) -> tuple[str, str]:
    """Code and sentence of a problem document; empty when it is none."""
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(body)
        if isinstance(document, dict):
            return str(document.get("code", "")), str(document.get("detail", ""))
    return "", ""
