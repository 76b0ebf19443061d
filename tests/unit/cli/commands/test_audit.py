import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli


@pytest.fixture
def asked(used: Cli) -> Cli:
    assert used("ask", "How many assets do we have?").code == 0
    return used


def tamper(home: Path, script: str) -> None:
    with closing(sqlite3.connect(home / "opsconductor.db", isolation_level=None)) as connection:
        connection.executescript(script)


def test_a_sound_home_is_whole_and_complete(asked: Cli) -> None:
    done = asked("audit", "verify")
    assert (done.code, done.err) == (0, "")
    assert "integrity:    whole" in done.out
    assert "completeness: complete" in done.out
    (found,) = json.loads(asked("audit", "verify", "--json").out)
    assert found["tenant"] == "default"
    assert found["rows"] > 10
    assert (found["integrity"], found["broken_at"], found["missing"]) == ("whole", None, [])


def test_a_changed_row_is_named(asked: Cli, fresh: Path) -> None:
    tamper(fresh, "UPDATE audit SET actor = 'somebody' WHERE place % 1099511627776 = 4")
    done = asked("audit", "verify")
    assert done.code == 5
    assert "integrity:    broken: row 4 is not what was written" in done.out


def test_a_cut_off_end_is_missed(asked: Cli, fresh: Path) -> None:
    tamper(
        fresh,
        """
        DELETE FROM audit WHERE place > (SELECT max(place) FROM audit) - 3;
        UPDATE audit_heads SET seq = seq - 3, hash = (SELECT hash FROM audit ORDER BY place DESC LIMIT 1);
        """,
    )
    done = asked("audit", "verify")
    assert done.code == 5
    assert "integrity:    whole" in done.out
    assert "completeness: incomplete" in done.out
    assert "are gone from the end" in done.out


def test_a_tenant_that_there_is_not_is_never_called_whole(asked: Cli) -> None:
    done = asked("audit", "verify", "--tenant", "nobody")
    assert (done.code, done.out) == (2, "")
    assert "nobody" in done.err


def test_a_record_that_says_something_else_is_named(asked: Cli, fresh: Path) -> None:
    assert asked("ask", "what can you do").code == 0
    tamper(fresh, "UPDATE turn_records SET body = (SELECT body FROM turn_records ORDER BY turn DESC) WHERE turn = 1")
    done = asked("audit", "verify")
    assert done.code == 5
    assert "integrity:    broken\n    the record of turn turn_" in done.out
    assert "completeness: complete" in done.out
