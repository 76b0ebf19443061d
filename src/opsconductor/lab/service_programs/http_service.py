"""A small HTTP service: `server.py NAME PORT`. Its version and its page lie beside it in its release.

A release with a file `BROKEN` is one that starts, says that it is alive, and fails every other request.
"""

import errno
import json
import os
import socketserver
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_RELEASE = os.path.dirname(os.path.abspath(__file__))
_LOOK_EVERY_S = 2.0
_EXIT_PORT_TAKEN = 98


class Server(ThreadingHTTPServer):
    """Listens on loopback; ends when its release directory is taken away."""

    daemon_threads = True

    def __init__(self, name: str, port: int, version: str) -> None:
        """Binds the port."""
        self.name = name
        self.version = version
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        """Without the look-up of the machine's name, which may wait for a name server."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def service_actions(self) -> None:
        """Called every two seconds: a service whose files are gone belongs to nobody."""
        if not os.path.exists(os.path.join(_RELEASE, "VERSION")):
            os._exit(0)


class Handler(BaseHTTPRequestHandler):
    """`/health`, `/version`, and `/` where the release has an `index.html`."""

    server: Server
    timeout = 5

    def do_GET(self) -> None:
        """Answer one request."""
        path = self.path.partition("?")[0]
        page = os.path.join(_RELEASE, "index.html")
        if path == "/health":
            self._answer(200, "application/json", json.dumps({"status": "ok", "service": self.server.name}))
        elif os.path.exists(os.path.join(_RELEASE, "BROKEN")):
            self._answer(500, "application/json", json.dumps({"error": "this release is broken"}))
        elif path == "/version":
            told = {"service": self.server.name, "version": self.server.version}
            self._answer(200, "application/json", json.dumps(told, separators=(",", ":")))
        elif path == "/" and os.path.exists(page):
            with open(page, encoding="utf-8") as file:
                self._answer(200, "text/html; charset=utf-8", file.read())
        else:
            self._answer(404, "application/json", json.dumps({"error": "no such path"}))

    def _answer(self, status: int, content_type: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """The Server header."""
        return f"{self.server.name}/{self.server.version}"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """One line a request; health checks would drown the rest."""
        if self.path != "/health":
            super().log_request(code, size)


def main() -> int:
    """Serve until a signal ends the process; exit status 98 when the port is taken."""
    with open(os.path.join(_RELEASE, "VERSION"), encoding="utf-8") as file:
        version = file.read().strip()
    try:
        server = Server(sys.argv[1], int(sys.argv[2]), version)
    except OSError as error:
        return _EXIT_PORT_TAKEN if error.errno == errno.EADDRINUSE else 1
    sys.stderr.write(f"{server.name} {version} listens on port {server.server_port}\n")
    server.serve_forever(poll_interval=_LOOK_EVERY_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
