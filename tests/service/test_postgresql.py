"""A record on PostgreSQL as an operator runs it: a server, a second process beside it, a kill, a look at the chain."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from opsconductor.testing.servers.databases import TestDatabase
from tests.service.conftest import Machine
from tests.service.homes import new_home

BESIDE = """
import asyncio, sys
from opsconductor.bootstrap import open_engine
from opsconductor.domain.turn import TurnInput
from opsconductor.settings import load_settings

async def main():
    async with open_engine(load_settings()) as engine:
        identity = await engine.storage.identity("default", "requester")
        for number in range(int(sys.argv[1])):
            turn = TurnInput(turn_id=engine.ids.new("turn"), identity=identity, message="How many assets do we have?")
            print((await engine.take_turn(turn)).turn_id, flush=True)

asyncio.run(main())
"""
TURNS = 8


@pytest.fixture
def machine(trained: Path, tmp_path: Path, postgresql_database: TestDatabase) -> Machine:
    """A machine with a fresh home whose record is in an empty database."""
    environment = {"OPSCONDUCTOR_DATABASE_URL": postgresql_database.url}
    return Machine(home=new_home(tmp_path / "home", trained), environment=environment)


def test_two_processes_work_on_one_database(machine: Machine) -> None:
    with machine.serving() as server, server.signed_in() as client:
        command = [sys.executable, "-c", BESIDE, str(TURNS)]
        beside = subprocess.Popen(command, env=machine.variables, stdout=subprocess.PIPE, text=True)
        mine = [client.post("/pipeline", json={"request": "help"}).json()["turn_id"] for _ in range(TURNS)]
        theirs = beside.communicate(timeout=50)[0].split()
        assert (beside.returncode, len(theirs)) == (0, TURNS)
        for turn_id in (*mine, *theirs):
            assert client.get(f"/turns/{turn_id}").status_code == 200
    verified = machine.run("audit", "verify")
    assert (verified.code, verified.err) == (0, "")
    assert "whole" in verified.out
    assert "complete" in verified.out


def test_a_killed_server_loses_nothing_that_it_acknowledged(machine: Machine) -> None:
    with machine.serving() as server, server.signed_in() as client:
        done = client.post("/pipeline", json={"request": "How many assets do we have?"}).json()
        server.process.kill()
        server.process.wait()
    record = json.loads(machine.run("turns", "show", done["turn_id"], "--json").out)
    assert record["reply"]["message"] == done["message"]
    assert machine.reply("ask", "How many assets do we have?")["message"] == done["message"]


def test_doctor_tells_how_the_database_keeps_its_word(machine: Machine, postgresql_database: TestDatabase) -> None:
    done = machine.run("doctor")
    assert done.code == 0, done.out
    for part in ("as opsconductor_test_worker", "row-level security forced", "synchronous_commit on", "fsync on"):
        assert part in done.out, part
    assert "opsconductor-test@" not in done.out  # the password
    postgresql_database.run("ALTER TABLE turns NO FORCE ROW LEVEL SECURITY")
    try:
        refused = machine.run("ask", "help")
        assert (refused.code, refused.error) == (1, "store.unprotected")
        assert "store.unprotected" in machine.run("doctor").out
    finally:
        postgresql_database.run("ALTER TABLE turns FORCE ROW LEVEL SECURITY")


def test_a_database_that_does_not_answer_is_told_in_one_line(machine: Machine) -> None:
    done = machine.run("ask", "help", OPSCONDUCTOR_DATABASE_URL="postgresql://worker:canary@127.0.0.1:1/ops")
    assert (done.code, done.error) == (1, "store.unavailable")
    assert "canary" not in done.out + done.err
