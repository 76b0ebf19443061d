import socket
from pathlib import Path

import pytest

from opsconductor.lab.ports import PortBook, is_free


def test_a_label_keeps_its_port_over_a_restart(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json")
    port = book.port("app-01/ssh")
    book.save()
    assert PortBook(tmp_path / "ports.json").port("app-01/ssh") == port


def test_a_port_in_use_is_given_up_unless_it_is_ours(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json")
    port = book.port("app-01/ssh")
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
        assert book.port("app-01/ssh", in_use_by_us=True) == port
        assert book.port("app-01/ssh") != port


def test_no_two_labels_share_a_port(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json")
    assert len({book.port(str(label)) for label in range(50)}) == 50


@pytest.mark.parametrize("content", ["", "{", "[]", '{"ports": []}', '{"ports": {"a": "x"}}'])
def test_a_damaged_file_is_begun_afresh(tmp_path: Path, content: str) -> None:
    (tmp_path / "ports.json").write_text(content)
    assert is_free(PortBook(tmp_path / "ports.json").port("a"))
