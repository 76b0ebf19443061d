import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from opsconductor.domain.errors import Conflict, Unavailable
from opsconductor.server.server_lock import NAME, ServerAddress, hold, is_held, running_server

ADDRESS = ServerAddress(address="http://127.0.0.1:1", pid=7, home_id="h", socket="/s", started_at="now")
HOLDER = """
import sys, pathlib
from opsconductor.server.server_lock import ServerAddress, hold
with hold(pathlib.Path(sys.argv[1])) as lock:
    lock.announce(ServerAddress(address="http://127.0.0.1:2", pid=8, home_id="h", socket="/gone", started_at="t"))
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def test_nobody_runs_in_a_new_home(home: Path) -> None:
    assert running_server(home) is None
    assert not is_held(home)


def test_the_holder_is_found_with_its_address_until_it_ends(home: Path) -> None:
    with hold(home) as lock:
        lock.announce(ADDRESS)
        assert running_server(home) == ADDRESS
        assert is_held(home)
    assert running_server(home) is None
    assert (home / NAME).stat().st_mode & 0o777 == 0o600


def test_a_second_server_is_refused_and_told_where_the_first_is(home: Path) -> None:
    with hold(home) as lock:
        lock.announce(ADDRESS)
        with pytest.raises(Conflict, match=r"http://127.0.0.1:1 \(process 7\)") as refused, hold(home):
            pass
    assert refused.value.code == "server.already_running"


def test_a_server_that_is_starting_is_waited_for(home: Path) -> None:
    with hold(home) as lock:
        timer = threading.Timer(0.2, lock.announce, [ADDRESS])
        timer.start()
        assert running_server(home, wait_s=10) == ADDRESS
        timer.join()
        lock.clear()
        with pytest.raises(Unavailable, match="is starting or stopping"):
            running_server(home, wait_s=0)


def test_a_killed_holder_holds_nothing_and_its_socket_is_known_to_the_next(home: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        found = running_server(home)
        assert found is not None
        assert found.pid == 8
        holder.kill()
        holder.wait()
    assert json.loads((home / NAME).read_text())["pid"] == 8
    assert running_server(home) is None
    with hold(home) as lock:
        assert lock.previous_socket == "/gone"


def test_a_looking_client_does_not_keep_a_server_from_starting(home: Path) -> None:
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            is_held(home)

    clients = [threading.Thread(target=look) for _ in range(2)]
    for client in clients:
        client.start()
    try:
        for _ in range(5):
            with hold(home):
                pass
    finally:
        stop.set()
        for client in clients:
            client.join()


def test_a_home_that_is_none_is_told(home: Path) -> None:
    with pytest.raises(Unavailable, match="Cannot write") as refused, hold(home / "missing"):
        pass
    assert refused.value.code == "home.unusable"
