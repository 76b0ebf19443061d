import socket
from typing import Any

import pytest


@pytest.mark.parametrize("box", ["db-01"], indirect=True)
@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"PING\nping\r\nVERSION\n", b"PONG\nPONG\nledger-db 7.4\n"),
        (b"DROP TABLE ledger\n\n", b"ERR unknown command\nERR unknown command\n"),
        (b"QUIT\nPING\n", b""),
        (b"x" * 2000 + b"\nPING\n", b""),
    ],
)
def test_it_answers_line_by_line(box: Any, sent: bytes, answered: bytes) -> None:
    box.answer("svc", "start", "ledger-db")
    received = b""
    with socket.create_connection(("127.0.0.1", box.service.port), timeout=5) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        try:
            while piece := line.recv(4096):
                received += piece
        except ConnectionResetError:  # it closed with some of our bytes unread
            pass
    assert received == answered
