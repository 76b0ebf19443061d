"""Runs one SSH command as a real process group, which ends with its channel, its time-out or the lab."""

import asyncio
import signal
from asyncio.subprocess import SubprocessStreamProtocol
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncssh

from opsconductor.lab.host_programs.processes import signal_group, start_mark, stop_process
from opsconductor.lab.surroundings import clean_environment

MOST_COMMAND_BYTES = 32_768
_CHUNK = 65_536
_TERM_GRACE_S = 0.3
_CANNOT_RUN = 126
_TIMED_OUT = 124


class _Child(SubprocessStreamProtocol):
    """A process group and its pipes.

    Its exit is an event of its own: `Process.wait` of some Python versions also waits for the pipes, which a stray
    grandchild may hold open.
    """

    def __init__(self) -> None:
        super().__init__(limit=_CHUNK, loop=asyncio.get_running_loop())
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        super().process_exited()
        self.exited.set()


async def run_command(process: asyncssh.SSHServerProcess[bytes], root: Path, timeout_s: int) -> None:
    """Run the channel's command in the host's directory and send back output and exit status.

    Background processes of the same group end with the command; refusals and time-outs are told on standard error.
    """
    command = process.command
    if command is None or process.subsystem is not None:
        _refuse(process, "this host runs commands; it has no shell session and no subsystem")
    elif len(command.encode()) > MOST_COMMAND_BYTES or "\0" in command:
        _refuse(process, f"a command is at most {MOST_COMMAND_BYTES} bytes, none of them NUL")
    else:
        try:
            await _run(process, command, root, timeout_s)
        except (OSError, asyncssh.Error):  # the other side has gone; nobody is left to be told
            process.close()


def _refuse(process: asyncssh.SSHServerProcess[bytes], reason: str) -> None:
    process.stderr.write(f"lab: {reason}\n".encode())
    process.exit(_CANNOT_RUN)


async def _run(process: asyncssh.SSHServerProcess[bytes], command: str, root: Path, timeout_s: int) -> None:
    transport, child = await asyncio.get_running_loop().subprocess_exec(
        _Child, "/bin/sh", "-c", command, cwd=root, env=clean_environment(root), start_new_session=True
    )
    pid = transport.get_pid()
    mark = start_mark(pid)
    running = asyncio.subprocess.Process(transport, child, asyncio.get_running_loop())
    try:
        with _on_file(root, pid, mark):
            timed_out = await _attend(process, running, child, mark, timeout_s)
    finally:
        signal_group(pid, mark, signal.SIGKILL)
        transport.close()
    if timed_out:
        process.stderr.write(f"lab: ended after {timeout_s} s\n".encode())
        process.exit(_TIMED_OUT)
    else:
        _tell_exit(process, running.returncode)


def _tell_exit(process: asyncssh.SSHServerProcess[bytes], code: int | None) -> None:
    if code is None or code < 0:
        process.exit_with_signal(signal.Signals(-(code or -signal.SIGKILL)).name.removeprefix("SIG"))
    else:
        process.exit(code)


async def _attend(
    process: asyncssh.SSHServerProcess[bytes],
    running: asyncio.subprocess.Process,
    child: _Child,
    mark: str | None,
    timeout_s: int,
) -> bool:
    """Carry input and output until the command has ended, the channel closed or the time is over (then True)."""
    assert running.stdout is not None
    assert running.stderr is not None
    try:
        async with asyncio.timeout(timeout_s), asyncio.TaskGroup() as group:
            hangup = group.create_task(process.wait_closed())
            stdin = group.create_task(_feed(process, running, mark))
            outputs = (
                group.create_task(_copy(running.stdout, process.stdout)),
                group.create_task(_copy(running.stderr, process.stderr)),
            )
            ended = group.create_task(child.exited.wait())
            await asyncio.wait((hangup, ended), return_when=asyncio.FIRST_COMPLETED)
            await _end_group(running.pid, mark, child)
            while not hangup.done() and (open_outputs := {task for task in outputs if not task.done()}):
                await asyncio.wait({hangup, *open_outputs}, return_when=asyncio.FIRST_COMPLETED)
            for task in (hangup, stdin, ended, *outputs):
                task.cancel()
    except TimeoutError:
        await _end_group(running.pid, mark, child)
        return True
    return False


async def _copy(source: asyncio.StreamReader, target: asyncssh.SSHWriter[bytes]) -> None:
    """No faster than the other side takes it."""
    try:
        while chunk := await source.read(_CHUNK):
            target.write(chunk)
            await target.drain()
    except (OSError, asyncssh.Error):
        return  # the channel is closing; that ends the command


async def _feed(
    process: asyncssh.SSHServerProcess[bytes], running: asyncio.subprocess.Process, mark: str | None
) -> None:
    """Standard input, and the signals that the other side sends along with it."""
    assert running.stdin is not None
    while True:
        try:
            chunk = await process.stdin.read(_CHUNK)
        except asyncssh.SignalReceived as received:
            number = getattr(signal, f"SIG{received.signal}", None)
            if isinstance(number, signal.Signals):
                signal_group(running.pid, mark, number)
            continue
        except (asyncssh.BreakReceived, asyncssh.TerminalSizeChanged):
            continue
        except (OSError, asyncssh.Error):
            return
        if not chunk:
            running.stdin.close()
            return
        with suppress(OSError):  # it has closed its input; what comes is dropped
            running.stdin.write(chunk)
            await running.stdin.drain()


async def _end_group(pid: int, mark: str | None, child: _Child) -> None:
    """Ask it to end, then end it, with whatever it left behind in its group."""
    if not child.exited.is_set():
        signal_group(pid, mark, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(child.exited.wait(), _TERM_GRACE_S)
    signal_group(pid, mark, signal.SIGKILL)
    await child.exited.wait()


@contextmanager
def _on_file(root: Path, pid: int, mark: str | None) -> Iterator[None]:
    """A note of the command for as long as it runs, for the next start after a sudden end."""
    note = root / "run" / "commands" / str(pid)
    note.write_text(mark or "", "ascii")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def end_left_commands(root: Path) -> None:
    """End the commands that a killed lab left running; a pid that is another's by now is let be."""
    for note in (root / "run" / "commands").glob("*"):
        mark = note.read_text("ascii", errors="replace")
        if note.name.isdigit() and mark:
            stop_process(int(note.name), mark, grace_s=0)
        note.unlink(missing_ok=True)
