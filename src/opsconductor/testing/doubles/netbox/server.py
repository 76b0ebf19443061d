"""The double's HTTP server: token, pages of 50, the error bodies of the real one."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

PAGE = 50
VERSION = "4.2"
DEVICES = "/api/dcim/devices/"
MACHINES = "/api/virtualization/virtual-machines/"

Answer = tuple[int, dict[str, str], bytes]


@dataclass(kw_only=True)
class NetBoxDouble:
    """What the double holds and what it was asked."""

    devices: Sequence[dict[str, Any]] = ()
    machines: Sequence[dict[str, Any]] = ()
    token: str = ""  # empty: anybody may read
    url: str = ""
    asked: list[str] = field(default_factory=list)  # path and query of each request, in order
    tokens: list[str] = field(default_factory=list)  # the Authorization header of each
    interfere: Callable[[str], Answer | None] | None = None  # an answer in place of the right one
    next_origin: str = ""  # where `next` links point, when not to the double itself

    def answer(self, target: str, authorization: str) -> Answer:
        """Status, headers and body for `GET target`."""
        self.asked.append(target)
        self.tokens.append(authorization)
        if self.interfere and (other := self.interfere(target)):
            return other
        parts = urlsplit(target)
        if self.token and authorization not in (f"Token {self.token}", f"Bearer {self.token}"):
            return _json(403, {"detail": "Invalid token"})
        if parts.path == "/api/":
            return _json(200, {"dcim": f"{self.url}/api/dcim/"})
        objects = {DEVICES: self.devices, MACHINES: self.machines}.get(parts.path)
        if objects is None:
            return _json(404, {"detail": "Not found."})
        return _json(200, self._page(parts.path, objects, parse_qs(parts.query)))

    def _page(self, path: str, objects: Sequence[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
        """The paginator of NetBox: a limit of 0, none, or too much gives the largest page."""
        asked = int(query.get("limit", ["0"])[0])
        limit = PAGE if asked == 0 else min(asked, PAGE)
        offset = int(query.get("offset", ["0"])[0])
        return {
            "count": len(objects),
            "next": self._link(path, limit, offset + limit) if offset + limit < len(objects) else None,
            "previous": self._link(path, limit, max(offset - limit, 0)) if offset else None,
            "results": [self._with_urls(item) for item in objects[offset : offset + limit]],
        }

    def _link(self, path: str, limit: int, offset: int) -> str:
        return f"{self.next_origin or self.url}{path}?{urlencode({'limit': limit, 'offset': offset})}"

    def _with_urls(self, value: Any) -> Any:
        """The object with its links made absolute, as the real one sends them."""
        if isinstance(value, dict):
            return {key: f"{self.url}{item}" if key == "url" else self._with_urls(item) for key, item in value.items()}
        return [self._with_urls(item) for item in value] if isinstance(value, list) else value


@contextlib.contextmanager
def netbox_double(double: NetBoxDouble) -> Iterator[NetBoxDouble]:
    """Serve `double` on a free port of loopback until the block ends; its `url` tells where."""

    class Handler(BaseHTTPRequestHandler):
        """Hands GET to the double."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer, with a length, on a kept connection."""
            status, headers, body = double.answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            for name, value in {**headers, "API-Version": VERSION, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(status: int, value: Any) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()
