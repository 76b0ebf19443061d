import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from opsconductor.lab.host_programs.ask_service import ask_service
from opsconductor.lab.host_programs.host import Service


@contextmanager
def answering(*answers: bytes) -> Iterator[int]:
    """A server that gives one answer a connection, in order, whatever it is asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(timeout=5)


@pytest.mark.parametrize(
    ("protocol", "answers", "told"),
    [
        ("http", (b"HTTP/1.0 200 OK\r\n\r\n{}", b'HTTP/1.0 200 OK\r\n\r\n{"version":"2.2"}'), (True, "2.2")),
        ("http", (b"HTTP/1.0 200 OK\r\n\r\n{}", b"HTTP/1.0 404 no\r\n\r\n"), (True, None)),
        ("http", (b"HTTP/1.0 200 OK\r\n\r\n{}", b'HTTP/1.0 200 OK\r\n\r\n{"version":22}'), (True, None)),
        ("http", (b"HTTP/1.0 200 OK\r\n\r\n{}", b"HTTP/1.0 200 OK\r\n\r\n[]"), (True, None)),
        ("http", (b"HTTP/1.0 503 starting\r\n\r\n",), (False, None)),
        ("http", (b"SSH-2.0-x\r\n",), (False, None)),
        ("http", (b"",), (False, None)),
        ("line", (b"PONG\n", b"ledger-db 7.4\n"), (True, "7.4")),
        ("line", (b"PONG\n", b"ERR unknown command\n"), (True, None)),
        ("line", (b"ERR not now\n",), (False, None)),
        ("line", (b"PO",), (False, None)),
    ],
)
def test_only_the_right_words_count_as_an_answer(
    protocol: str, answers: tuple[bytes, ...], told: tuple[bool, str | None]
) -> None:
    with answering(*answers) as port:
        assert ask_service(Service("/", "any", protocol, port)) == told


@pytest.mark.parametrize("protocol", ["http", "line"])
def test_nobody_there_is_no_answer(protocol: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert ask_service(Service("/", "any", protocol, port)) == (False, None)


def test_one_that_accepts_and_stays_silent_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ask_service(Service("/", "any", "line", server.getsockname()[1])) == (False, None)
