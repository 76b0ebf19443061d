"""Set-up on a fresh clone, and what it takes on the disk.

Usage: .venv/bin/python bench/setup.py [--json] [--runs N]. Each run clones this repository, as committed, into a new
folder and starts `./run --version` there; downloads are part of the time, so the network decides much of it.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTES = {
    "setup_s": "clone set up by ./run --version, downloads included; target <= 60 plus downloads",
    "again_s": "the same command again: the stamp is checked, nothing else",
    "installed_mb": ".venv with bytecode and the package's own files; target <= 350",
}


def main(as_json: bool, runs: int) -> None:
    """Measure and print."""
    found = [measured() for _ in range(runs)]
    figures = {name: statistics.median(one[name] for one in found) for name in NOTES}
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:14} {value:8.2f}   {NOTES[name]}")


def measured() -> dict[str, float]:
    """One set-up on one fresh clone."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        first, again = timed(clone), timed(clone)
        size = installed(clone / ".venv") + installed(clone / "src")
    return {"setup_s": first, "again_s": again, "installed_mb": size / 1_000_000}


def timed(clone: Path) -> float:
    """Seconds of `./run --version`."""
    began = time.perf_counter()
    subprocess.run([clone / "run", "--version"], check=True, capture_output=True)
    return time.perf_counter() - began


def installed(folder: Path) -> int:
    """Bytes of all files below `folder`, links not followed."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    main(arguments.json, arguments.runs)
