"""How long `./run ask` takes on an existing home and on a new one, from the shell's point of view; CPU of `--help`.

Usage: .venv/bin/python bench/cold_start.py [--json]. Set-up must be complete. Medians, each run a new process; the wall
time of a busy machine says little, so the CPU of the same runs (user + system) stands beside it.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS, NEW_HOMES = 7, 3
ASK = ("ask", "How many assets do we have?")
NOTES = {
    "cold_ask_s": "./run ask on an existing home, wall; target <= 2",
    "cold_ask_cpu_s": "its CPU",
    "first_ask_s": "./run ask on a new home (identities, seed, trained heads), wall; target <= 2",
    "first_ask_cpu_s": "its CPU",
    "help_cpu_s": "CPU of ./run --help; target <= 0.3",
}


def main(as_json: bool) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        homes = [{**os.environ, "OPSCONDUCTOR_HOME": f"{folder}/{number}"} for number in range(NEW_HOMES + 1)]
        taken(ASK, homes[0])  # whatever was edited since the last start is compiled here
        first = [taken(ASK, home) for home in homes[1:]]
        cold = [taken(ASK, homes[0]) for _ in range(RUNS)]
        told = [taken(("--help",), homes[0]) for _ in range(RUNS)]
    figures = {
        "cold_ask_s": statistics.median(wall for wall, _ in cold),
        "cold_ask_cpu_s": statistics.median(cpu for _, cpu in cold),
        "first_ask_s": statistics.median(wall for wall, _ in first),
        "first_ask_cpu_s": statistics.median(cpu for _, cpu in first),
        "help_cpu_s": statistics.median(cpu for _, cpu in told),
    }
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:16} {value:7.3f}   {NOTES[name]}")


def taken(arguments: tuple[str, ...], environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds from start to exit, and CPU seconds, of one run."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([ROOT / "run", *arguments], env=environment, check=True, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    main(parser.parse_args().json)
