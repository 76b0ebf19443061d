"""The World as others meet it: a process that answers, hangs up, and leaves a log behind."""

import json
import socket
from pathlib import Path

from opsconductor.testing.world.log import ASKED, BEHAVES, DONE, LOOKED
from opsconductor.testing.world.process import running_world
from opsconductor.testing.world.realm import LATE


def test_it_lives_apart_and_its_log_stays(tmp_path: Path) -> None:
    with running_world(tmp_path / "world") as world:
        world.behave("cell-1", "restart", "m1", LATE, after_s=5)
        ask = {"realm": "cell-1", "now": 1, "do": "ask", "verb": "restart", "mark": "m1", "target": "app-01"}
        with socket.create_connection(("127.0.0.1", world.port), timeout=10) as connection:
            connection.sendall(json.dumps(ask).encode() + b"\n")
            with connection.makefile() as answers:
                assert [json.loads(line) for line in answers] == [{"asked": 2}], "it hangs up"
        assert world.read("cell-1", "app-01", now=5.9) == {"count": 0, "undone": 0}
        assert world.read("cell-1", "app-01", now=6) == {"count": 1, "undone": 0}
        assert world.read("cell-2", "app-01", now=6) == {"count": 0, "undone": 0}, "realms do not touch each other"
    assert [entry.what for entry in world.log("cell-1")] == [BEHAVES, ASKED, LOOKED, DONE, LOOKED]
    assert world.log("cell-3") == ()
