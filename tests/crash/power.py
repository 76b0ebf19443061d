"""Cuts the power of a process: whatever it did not sync is gone. Linux, with a C compiler."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("power_cut.c")


def missing() -> str:
    """Why the power cannot be cut here; "" when it can."""
    if sys.platform != "linux":
        return "LD_PRELOAD is of Linux"
    return "" if shutil.which("cc") else "no C compiler (cc): install gcc"


def build(folder: Path) -> Path:
    """The library that is loaded before all others."""
    library = folder / "power_cut.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True, timeout=60)
    return library


@dataclass(frozen=True, kw_only=True)
class Powered:
    """A process whose files, those whose path begins with `files`, are only as durable as its syncs."""

    library: Path
    files: Path
    disk: Path  # what a disk would hold of them

    def run_and_cut(self, command: Sequence[str], acknowledged: int) -> list[str]:
        """Start `command`, read so many lines of its output (what it acknowledged), and cut the power.

        It may also end by itself. The lines that it wrote in its last moment are in the answer too.
        """
        self.disk.mkdir(parents=True)
        for file in self._there():
            shutil.copy(file, self.disk)
        watching = {"POWER_CUT_WATCHED": str(self.files), "POWER_CUT_DISK": str(self.disk)}
        environment = {**os.environ, **watching, "LD_PRELOAD": str(self.library)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(acknowledged)]
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.readlines()
        self._lose_what_was_not_synced()
        return [line.strip() for line in lines if line.endswith("\n")]

    def _there(self) -> list[Path]:
        return [file for file in self.files.parent.iterdir() if file.name.startswith(self.files.name)]

    def _lose_what_was_not_synced(self) -> None:
        for file in self._there():
            file.unlink()
        for file in self.disk.iterdir():
            if file.suffix != ".unfinished":
                shutil.copy(file, self.files.parent)
