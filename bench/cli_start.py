"""What `opsconductor --help` costs, and which imports it pays for.

Usage: .venv/bin/python bench/cli_start.py [--json]. CPU (user + system) of 5 new processes, median; target <= 0.3 s.
The imports are those of one more process, by their own time (`python -X importtime`), the slowest first.
"""

import argparse
import json
import re
import resource
import statistics
import subprocess
import sys

RUNS = 5
SHOWN = 10
HELP = [sys.executable, "-c", "import sys; from opsconductor.cli.main import run; sys.exit(run(['--help']))"]
IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")


def main(as_json: bool) -> None:
    """Measure and print."""
    cpu = statistics.median(help_cpu() for _ in range(RUNS))
    slowest = imports()[:SHOWN]
    if as_json:
        print(json.dumps({"help_cpu_s": cpu, "imports_ms": dict(slowest)}))
        return
    print(f"opsconductor --help: {cpu:.3f} s CPU, median of {RUNS}; target <= 0.3")
    for name, milliseconds in slowest:
        print(f"  {milliseconds:7.2f} ms  {name}")


def help_cpu() -> float:
    """CPU seconds of one `--help`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(HELP, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def imports() -> list[tuple[str, float]]:
    """Every module that `--help` imports with its own time in milliseconds, the slowest first."""
    command = [HELP[0], "-X", "importtime", *HELP[1:]]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = [(name, int(own) / 1000) for own, _, name in IMPORT.findall(done.stderr)]
    return sorted(found, key=lambda one: -one[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    main(parser.parse_args().json)
