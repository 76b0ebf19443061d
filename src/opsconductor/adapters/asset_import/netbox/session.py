"""What pynetbox speaks through: GET only, one origin only, with time-outs and a cap."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import httpx2

from opsconductor.domain.errors import BadInput

MAX_PAGE_BYTES = 32 * 1024 * 1024
CONNECT_S = 5.0
READ_S = 30.0
NEXT_STEP = "Check the address, the token's rights and that NetBox is running, then import again."


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The parts of a response that pynetbox looks at."""

    url: str
    status_code: int
    reason: str
    headers: Mapping[str, str]
    text: str

    @property
    def ok(self) -> bool:
        """Whether it is an answer and not an error."""
        return 200 <= self.status_code < 300

    @property
    def request(self) -> SimpleNamespace:
        """The request, which never has a body."""
        return SimpleNamespace(body=None)

    def json(self) -> Any:
        """The body as JSON. Raises json.JSONDecodeError."""
        return json.loads(self.text)


class BoundSession:
    """Takes the place of pynetbox's session; every request goes to `origin`, whatever link NetBox sends."""

    def __init__(self, client: httpx2.Client, origin: str) -> None:
        """`origin` is scheme, host and port; the token must go nowhere else."""
        self._client = client
        self._origin = origin

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: object = None,
    ) -> Reply:
        """One GET. Raises `import.unreadable` when NetBox does not answer, redirects, or answers too much."""
        parts = urlsplit(url)
        asked = f"{self._origin}{parts.path}{f'?{parts.query}' if parts.query else ''}"
        try:
            with self._client.stream("GET", asked, headers=headers, params=params or None) as response:
                if response.is_redirect:
                    raise unreadable(f"NetBox at {self._origin} redirects; give the address it redirects to.")
                return Reply(
                    url=asked,
                    status_code=response.status_code,
                    reason=response.reason_phrase,
                    headers=response.headers,
                    text=_text(response),
                )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise unreadable(f"NetBox at {self._origin} does not answer ({type(error).__name__}).") from error


def open_client() -> httpx2.Client:
    """A client with the system's certificates and none of the environment's proxies."""
    return httpx2.Client(trust_env=False, follow_redirects=False, timeout=httpx2.Timeout(READ_S, connect=CONNECT_S))


def unreadable(message: str) -> BadInput:
    """`import.unreadable` with a next step that fits a server."""
    return BadInput("import.unreadable", message, next_step=NEXT_STEP)


def _text(response: httpx2.Response) -> str:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_PAGE_BYTES:
            raise unreadable("NetBox sends a page of more than 32 MiB.")
    return body.decode("utf-8", "replace")
