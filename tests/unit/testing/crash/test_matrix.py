"""The matrix from end to end, in the small: rehearse, run two cells in forked processes, and hear their verdicts."""

import json
import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import json, sys
from itertools import islice
from pathlib import Path
from opsconductor.testing.crash.cells import choose
from opsconductor.testing.crash.matrix import Matrix, run_all
from opsconductor.testing.crash.places import HomePlaces
from opsconductor.testing.world.process import running_world

folder, heard = Path(sys.argv[1]), []
with running_world(folder / "world") as world:
    matrix = Matrix(HomePlaces(folder / "cells", world.port), world)
    matrix.warm()
    cells = [cell for cell in choose(tuple(islice(matrix.rehearse(), 1)), 50, 1) if cell.place == "start.after_commit"]
    run_all(matrix, cells[:2], 2, heard.append)
print(json.dumps([verdict.as_json() for verdict in heard]))
"""


def test_cells_are_run_and_judged(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=55)
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout)
    assert [(one["cell"]["place"], one["killed"], one["words"]) for one in verdicts] == [
        ("start.after_commit", True, [])
    ] * 2
    assert [path.name for path in (tmp_path / "cells").iterdir()] == ["template-read-probed"], "cells are tidied up"
