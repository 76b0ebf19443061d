"""How long `./run ask` takes on an existing home, from the shell's point of view, and the CPU of `--help`.

Usage: .venv/bin/python bench/cold_start.py [--json]. Set-up must be complete. Medians of 7 runs, each a new process.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 7
NOTES = {
    "cold_ask_s": "./run ask on an existing home, wall; target <= 2",
    "first_ask_s": "the very first ask of a home: identities, seed, trained heads; once",
    "help_cpu_s": "user + system CPU of ./run --help; target <= 0.3",
}


def main(as_json: bool) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "OPSCONDUCTOR_HOME": home}
        first = wall(["ask", "How many assets do we have?"], environment)
        cold = statistics.median(wall(["ask", "How many assets do we have?"], environment) for _ in range(RUNS))
        cpu = statistics.median(help_cpu(environment) for _ in range(RUNS))
    figures = {"first_ask_s": first, "cold_ask_s": cold, "help_cpu_s": cpu}
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:14} {value:7.3f}   {NOTES[name]}")


def wall(arguments: list[str], environment: dict[str, str]) -> float:
    """Seconds from start to exit."""
    began = time.perf_counter()
    subprocess.run([ROOT / "run", *arguments], env=environment, check=True, capture_output=True)
    return time.perf_counter() - began


def help_cpu(environment: dict[str, str]) -> float:
    """CPU seconds of the children of this process that one `--help` took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall(["--help"], environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    main(parser.parse_args().json)
