"""Asking a service itself whether it answers, and which version it says it is."""

import json
import socket

from .host import Service

_TIMEOUT_S = 1.0
_MOST_BYTES = 65_536


def ask_service(service: Service) -> tuple[bool, str | None]:
    """(answers, version it tells). Not answering within a second, or not in its protocol, is False."""
    ask = _ask_http if service.protocol == "http" else _ask_line
    try:
        return ask(service.port)
    except (OSError, ValueError):
        return False, None


def _ask_http(port: int) -> tuple[bool, str | None]:
    status, _ = _get(port, "/health")
    if status != 200:
        return False, None
    status, body = _get(port, "/version")
    told = json.loads(body) if status == 200 else {}
    version = told.get("version") if isinstance(told, dict) else None
    return True, version if isinstance(version, str) else None


def _get(port: int, path: str) -> tuple[int, bytes]:
    """HTTP/1.0 by hand: the library's client would double the start-up of these programs."""
    answer = _exchange(port, f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode(), until=b"")
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/"):
        raise ValueError("not HTTP")
    return int(words[1]), body


def _ask_line(port: int) -> tuple[bool, str | None]:
    if _exchange(port, b"PING\n", until=b"\n") != b"PONG\n":
        return False, None
    words = _exchange(port, b"VERSION\n", until=b"\n").decode("ascii", "replace").split()
    return True, words[1] if len(words) == 2 else None


def _exchange(port: int, question: bytes, *, until: bytes) -> bytes:
    """Send and read to `until`, or to the end when it is empty; at most 64 KiB."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_S) as connection:
        connection.sendall(question)
        while len(answer) < _MOST_BYTES and not (until and answer.endswith(until)):
            piece = connection.recv(_MOST_BYTES)
            if not piece:
                break
            answer += piece
    return answer
