"""A small TCP service that answers lines: `server.py NAME PORT`. Its version lies beside it in its release."""

import errno
import os
import socketserver
import sys

_RELEASE = os.path.dirname(os.path.abspath(__file__))
_LOOK_EVERY_S = 2.0
_LONGEST_LINE = 1024
_EXIT_PORT_TAKEN = 98


class Server(socketserver.ThreadingTCPServer):
    """Listens on loopback; ends when its release directory is taken away."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, name: str, port: int, version: str) -> None:
        """Binds the port."""
        self.name = name
        self.version = version
        super().__init__(("127.0.0.1", port), Handler)

    def service_actions(self) -> None:
        """Called every two seconds: a service whose files are gone belongs to nobody."""
        if not os.path.exists(os.path.join(_RELEASE, "VERSION")):
            os._exit(0)


class Handler(socketserver.StreamRequestHandler):
    """PING → PONG, VERSION → name and version, QUIT; anything else is an error line."""

    server: Server
    timeout = 30

    def handle(self) -> None:
        """Answer line by line until the other side stops, falls silent or sends too long a line."""
        try:
            while line := self.rfile.readline(_LONGEST_LINE + 1):
                if len(line) > _LONGEST_LINE or line.strip().upper() == b"QUIT":
                    return
                self.wfile.write(self._reply(line.strip().upper()) + b"\n")
        except OSError:
            return

    def _reply(self, word: bytes) -> bytes:
        told = f"{self.server.name} {self.server.version}".encode()
        return {b"PING": b"PONG", b"VERSION": told}.get(word, b"ERR unknown command")


def main() -> int:
    """Serve until a signal ends the process; exit status 98 when the port is taken."""
    with open(os.path.join(_RELEASE, "VERSION"), encoding="utf-8") as file:
        version = file.read().strip()
    try:
        server = Server(sys.argv[1], int(sys.argv[2]), version)
    except OSError as error:
        return _EXIT_PORT_TAKEN if error.errno == errno.EADDRINUSE else 1
    sys.stderr.write(f"{server.name} {version} listens on port {server.server_address[1]}\n")
    server.serve_forever(poll_interval=_LOOK_EVERY_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
