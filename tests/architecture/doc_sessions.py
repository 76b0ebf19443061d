"""Runs the shell sessions that the documentation shows, and compares what they print.

A session is a fenced `sh` block whose first line begins with `$ ./run` or `$ opsconductor`. Each line that begins with
`$ ` is a command; the lines below it are what it prints, on standard output and error as on a terminal. A line `...`
stands for any lines. The sessions of one page run in order in one bash with one fresh home: a page can tell a story.

- An id, hash or token that a page shows and uses again in a command is the one that was really printed.
- A block of any language that begins with `# file: ~/PATH` is written to that file when the story comes to it.
- `<!-- beside: COMMAND -->` before a session runs it beside a server, as in another terminal, until the page's end.
"""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"^```sh\n(?P<session>\$ (?:\./run|opsconductor)\b.*?)^```$"
    r"|^```\w+\n# file: (?P<path>~/\S+)\n(?P<content>.*?)^```$"
    r"|^<!-- beside: (?P<beside>.+?) -->$",
    re.M | re.S,
)
# What stands for itself in later commands, by kind; and what else differs from run to run and says nothing.
IDS = re.compile(r"\b([a-z]+)_[0-9a-f]{8}(?:-?[0-9a-f]{4,}){3,}\b|\b(opsc)_[\w-]{43}|\b(sha256):[0-9a-f]{64}\b")
VOLATILE = (
    (IDS, lambda found: f"{found[1] or found[2] or found[3]}_ID"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|seconds?|minutes?)\b"), "DURATION"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "ADDRESS"),
    (re.compile(r"\b(process|port) \d+\b"), r"\1 NUMBER"),
    (re.compile(r"[ \t]+$", re.M), ""),
)
MARK = "\x1e"
STEP_S, STOP_S = 40.0, 10.0


@dataclass(frozen=True)
class Step:
    """A command of a session, what the page says it prints, and what runs beside it."""

    command: str
    shown: str
    beside: str = ""


def steps(page: str) -> list[Step]:
    """The commands of all sessions of a page, in order."""
    found: list[Step] = []
    beside = ""
    for block in BLOCK.finditer(page):
        beside = block["beside"] or beside
        if block["path"]:
            found.append(Step(_writing(block["path"], block["content"]), "", beside))
        for part in re.split(r"^\$ ", block["session"] or "", flags=re.M)[1:]:
            lines = part.splitlines()
            count = next((at for at, line in enumerate(lines, start=1) if not line.endswith("\\")), len(lines))
            found.append(Step("\n".join(lines[:count]), "\n".join(lines[count:]), beside))
    return found if any("opsconductor" in step.command or "./run" in step.command for step in found) else []


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
    complaints, real, beside = [], dict[str, str](), ""
    with shell(home, programs, folder) as bash:
        for step in session:
            if step.beside != beside:
                if fault := bash.run(_started(step.beside)):
                    complaints.append(f"beside: {step.beside}\nprinted:\n{fault}")
                beside = step.beside
            command = IDS.sub(lambda found: real.get(found[0], found[0]), step.command)
            printed = bash.run(_without_set_up(command)).replace(os.environ["HOME"], "~")
            real.update(_same(step.shown, printed))
            if not agrees(step.shown, printed):
                complaints.append(f"$ {step.command}\nshown:\n{step.shown}\nprinted:\n{printed}")
    return complaints


class Shell:
    """A bash that is given one command after the other."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def run(self, command: str) -> str:
        """What the command prints; what is left of it when it takes too long."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '{MARK}'\n".encode())
            self._process.stdin.flush()
        printed, deadline, end = b"", time.monotonic() + STEP_S, MARK.encode()
        while end not in printed and (left := deadline - time.monotonic()) > 0:
            if select.select([self._process.stdout], [], [], left)[0]:
                read = os.read(self._process.stdout.fileno(), 65536)
                if not read:
                    break
                printed += read
        return printed.decode("utf-8", "replace").removesuffix(MARK)


@contextmanager
def shell(home: Path, programs: Path, folder: Path) -> Iterator[Shell]:
    """A bash of its own, ended with everything that it started."""
    process = subprocess.Popen(
        ["bash"],
        cwd=folder,
        env=_environment(home, programs),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with process:
        try:
            yield Shell(process)
        finally:
            _end(process.pid)


def _end(group: int) -> None:
    """End a process group, at first kindly."""
    deadline = time.monotonic() + STOP_S
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        while time.monotonic() < deadline:
            with suppress(ChildProcessError):
                os.waitpid(group, os.WNOHANG)
            os.killpg(group, 0)
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)


def _environment(home: Path, programs: Path) -> Mapping[str, str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("OPSCONDUCTOR_")}
    known |= {"OPSCONDUCTOR_HOME": str(home), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    known |= {"OPSCONDUCTOR_PORT": "0", "OPSCONDUCTOR_ASSET_SERVICE_PORT": "0"}  # others may have the usual ones
    return known | {"NO_COLOR": "1", "COLUMNS": "120", "TERM": "dumb"}


def _without_set_up(command: str) -> str:
    return re.sub(r"(?<![\w/])[.]/run\b", "opsconductor", command)


def _writing(path: str, content: str) -> str:
    return f"mkdir -p {path.rpartition('/')[0]}; cat > {path} <<'END OF FILE'\n{content}END OF FILE"


def _started(server: str) -> str:
    """Start the server and wait for what it says last; its output goes to a file."""
    log, ends = '"$OPSCONDUCTOR_HOME.log"', "! kill -0 $! 2>/dev/null"
    start = f"{_without_set_up(server)} >{log} 2>&1 &"
    return f"{start} until grep -qs '^Stop with' {log} || {ends}; do sleep 0.1; done; if {ends}; then cat {log}; fi"


def _same(shown: str, printed: str) -> dict[str, str]:
    """The ids of a page with those that were printed in their places, kind by kind."""
    found: dict[str, str] = {}
    for kind in {match.lastindex and match[match.lastindex] for match in IDS.finditer(shown)}:
        there, here = (_distinct(text, kind) for text in (shown, printed))
        found.update(zip(there, here, strict=False))
    return found


def _distinct(text: str, kind: str | None) -> list[str]:
    return list(dict.fromkeys(found[0] for found in IDS.finditer(text) if found[found.lastindex or 0] == kind))
