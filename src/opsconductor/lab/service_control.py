"""The lab's own use of a host's `svc`: there is one way to start and stop a service, for the lab as for an operator."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from opsconductor.lab.host_programs.host import FAILED
from opsconductor.lab.host_programs.processes import signal_group, start_mark
from opsconductor.lab.surroundings import clean_environment

_WAIT_S = 15


async def svc(root: Path, *arguments: str) -> tuple[int, str]:
    """Run `svc` on the host with that directory; returns (exit status, what it said on standard error).

    A failure to run it, or to see it end, is told the same way, with status 1.
    """
    try:
        return await _run(root, arguments)
    except TimeoutError:
        return FAILED, f"svc did not end within {_WAIT_S} s"
    except OSError as error:
        return FAILED, f"svc cannot be run: {error}"


async def _run(root: Path, arguments: tuple[str, ...]) -> tuple[int, str]:
    child = await asyncio.create_subprocess_exec(
        str(root / "bin" / "svc"),
        *arguments,
        cwd=root,
        env=clean_environment(root),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    mark = start_mark(child.pid)
    try:
        async with asyncio.timeout(_WAIT_S):
            _, errors = await child.communicate()
    except asyncio.CancelledError:
        # Half a change would be hard to clean up after, and one that goes on behind our back even harder: let it end.
        with suppress(TimeoutError):
            async with asyncio.timeout(_WAIT_S):
                await child.wait()
        raise
    except TimeoutError:
        signal_group(child.pid, mark, signal.SIGKILL)
        raise
    return child.returncode or 0, errors.decode("utf-8", "replace").strip()
