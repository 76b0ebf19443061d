"""What a client was promised and shown outlives it."""

from dataclasses import replace
from pathlib import Path

from opsconductor.testing.client_log import REQUEST, Acknowledged, ClientLog, Shown, read_client_log
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.records import a_record

PROMISE = Acknowledged(kind=REQUEST, subject="turn_1", at=12.5, key="k", body="b")


def test_promises_and_words_are_read_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "client.log"
    reply = a_record(plan=a_plan(a_step(a_change(), HOSTS[0]))).reply
    ClientLog(path).acknowledged(PROMISE)
    ClientLog(path).shown(reply, "acme")
    ClientLog(path).acknowledged(replace(PROMISE, subject="turn_2"))
    promises, shown = read_client_log(path)
    assert promises == (PROMISE, replace(PROMISE, subject="turn_2"))
    assert shown == (Shown(turn_id="turn_1", kind="answer", message="Done.", tenant="acme"),)


def test_a_client_that_was_never_promised_anything_has_no_log(tmp_path: Path) -> None:
    assert read_client_log(tmp_path / "nothing") == ((), ())
