"""The crash matrix: SIGKILL at every dangerous place of an approved plan, and again while it is recovered.

    python bench/crash_matrix.py [--cells N] [--store sqlite|postgresql] [--json] [--seed N] [--jobs N]

A cell is one plan (a read, a restart, one that is tried twice, three steps, parallel steps, one that is taken back, a
rollout), with or without a way to read its effects back, against a World that acts at once, late, never, or acts and
hangs up. The process that runs it is killed at one place, its successor at another; a last one recovers. Then the
World's own log is held against the store and against what people were shown. Figures: how many cells lost something,
did something twice, called done what was not or failed what was done, or left open what could be read back. All of
them have to be 0, but for `unknown_without_probe`, where nobody can know. Exit 1 when one is not.
"""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opsconductor.adapters.connector.http import trusted_certificates
from opsconductor.testing.crash.cells import choose
from opsconductor.testing.crash.matrix import Matrix, run_all
from opsconductor.testing.crash.places import HomePlaces, PostgresPlaces
from opsconductor.testing.crash.verdict import Figures, Verdict, told
from opsconductor.testing.servers.postgresql import postgres_server
from opsconductor.testing.world.process import running_world

KILLED_SHARE = 0.95  # a place that a cell comes to by timing alone (a renewal, a second look) may not be reached in it
LATE_SHARE = 0.2
"""In at least so many cells an effect lands after somebody has already looked for it."""


def main() -> int:
    """Run the cells and print the figures."""
    options = arguments()
    began = time.monotonic()
    figures = Figures()
    with (
        tempfile.TemporaryDirectory(prefix="crash-matrix-") as folder,
        running_world(Path(folder) / "world") as world,
        opened_places(options.store, Path(folder), world.port) as places,
    ):
        matrix = Matrix(places, world)
        say("rehearsing: every plan once without a fault")
        matrix.warm(trusted_certificates)
        cells = choose(tuple(matrix.rehearse()), options.cells, options.seed)
        gc.freeze()  # what every child would otherwise copy when it tidies up

        def arrived(verdict: Verdict) -> None:
            figures.add(verdict)
            if figures.cells % 50 == 0 or figures.cells == len(cells):
                say(f"{figures.cells} of {len(cells)} cells, {len(figures.failing)} failing")

        run_all(matrix, cells, options.jobs, arrived)
    report = {**figures.as_json(), "store": options.store, "seconds": round(time.monotonic() - began, 1)}
    for line in told(figures.failing):
        say(line)
    sys.stdout.write(
        json.dumps(report) + "\n" if options.json else "".join(f"{key}: {report[key]}\n" for key in report)
    )
    return int(
        bool(figures.failing) or report["late_share"] < LATE_SHARE or figures.killed < KILLED_SHARE * figures.cells
    )


@contextmanager
def opened_places(store: str, folder: Path, port: int) -> Iterator[HomePlaces]:
    """Where the cells are, with their record on the store of that name."""
    if store == "sqlite":
        yield HomePlaces(folder / "cells", port)
        return
    offered = os.environ.get("OPSCONDUCTOR_TEST_DATABASE_URL")
    if offered:
        yield PostgresPlaces(folder / "cells", port, offered)
        return
    with postgres_server(folder / "server") as server:
        yield PostgresPlaces(folder / "cells", port, server.url)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=2000, help="how many cells (default 2000)")
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1, help="which cells are taken when there are more")
    parser.add_argument("--jobs", type=int, default=2, help="cells at a time (default 2)")
    parser.add_argument("--json", action="store_true", help="the figures as one line of JSON")
    return parser.parse_args()


def say(words: str) -> None:
    """Progress, beside the figures."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
