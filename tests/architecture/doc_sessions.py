"""Runs the shell sessions that the documentation shows, and compares what they print.

A session is a fenced `sh` block whose first line begins with `$ ./run` or `$ opsconductor`. Each line that begins with
`$ ` is a command; the lines below it are what it prints, on standard output and error as on a terminal. A line `...`
stands for any lines. The sessions of one page run in order in one bash with one fresh home: a page can tell a story.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```sh\n(\$ (?:\./run|opsconductor)\b.*?)^```$", re.M | re.S)
# What differs from run to run and says nothing.
VOLATILE = (
    (re.compile(r"\b([a-z]+)_[0-9a-f]{8}(-?[0-9a-f]{4,}){3,}\b"), r"\1_ID"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|seconds?|minutes?)\b"), "DURATION"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "ADDRESS"),
    (re.compile(r"[ \t]+$", re.M), ""),
)
MARK = "\x1e"


@dataclass(frozen=True)
class Step:
    """A command of a session and what the page says it prints."""

    command: str
    shown: str


def steps(page: str) -> list[Step]:
    """The commands of all sessions of a page, in order."""
    found = []
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = part.splitlines()
            count = next((at for at, line in enumerate(lines, start=1) if not line.endswith("\\")), len(lines))
            found.append(Step("\n".join(lines[:count]), "\n".join(lines[count:])))
    return found


def steady(text: str) -> str:
    """The text with ids, hashes, times, durations and ports replaced by a word each."""
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text.strip("\n")


def agrees(shown: str, printed: str) -> bool:
    """Whether what was printed is what the page shows."""
    parts = [re.escape(part.strip("\n")) for part in re.split(r"^\.\.\.$", steady(shown), flags=re.M)]
    return re.fullmatch(r"[\s\S]*".join(parts), steady(printed)) is not None


def play(session: list[Step], home: Path, programs: Path, folder: Path) -> list[str]:
    """Run the commands in `folder`, with `opsconductor` taken from `programs`; a complaint for each that differs.

    `./run` is played as the `opsconductor` command that it starts, so that no set-up happens within a test.
    """
    script = "".join(f"printf '{MARK}'\n{re.sub(r'^[.]/run', 'opsconductor', step.command)}\n" for step in session)
    known = {name: value for name, value in os.environ.items() if not name.startswith("OPSCONDUCTOR_")}
    known |= {"OPSCONDUCTOR_HOME": str(home), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    known |= {"NO_COLOR": "1", "COLUMNS": "120", "TERM": "dumb"}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=known,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=50,
        check=False,
    )
    printed = done.stdout.split(MARK)[1:]
    printed += [""] * (len(session) - len(printed))
    pairs = zip(session, printed, strict=True)
    return [
        f"$ {step.command}\nshown:\n{step.shown}\nprinted:\n{text}"
        for step, text in pairs
        if not agrees(step.shown, text)
    ]
