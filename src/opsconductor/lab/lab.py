"""Starts and stops the four hosts together, adopts what a killed lab left, and lets no second lab in meanwhile."""

import asyncio
import fcntl
import os
from pathlib import Path
from typing import Self

from opsconductor.domain.errors import Conflict, OpsConductorError, Unavailable
from opsconductor.domain.json_value import Json
from opsconductor.lab.host_programs.host_info import os_name
from opsconductor.lab.host_run import HostRun
from opsconductor.lab.hosts import HOSTS, LabHost
from opsconductor.lab.inventory_rows import inventory_rows
from opsconductor.lab.keys import key_pair
from opsconductor.lab.ports import PortBook


class Lab:
    """Four real hosts on loopback. `async with Lab(directory) as lab:` runs them; `lab.hosts` tells how to reach them.

    The SSH servers live in this process and end with it. The services are processes of their own: they outlive a killed
    process and are adopted by the next start; `stop` ends them.
    """

    def __init__(self, lab_dir: Path, *, command_timeout_s: int = 120) -> None:
        """Nothing is opened yet. `lab_dir` holds hosts, keys and ports; SSH commands end after `command_timeout_s`."""
        self._directory = lab_dir.absolute()
        self._command_timeout_s = command_timeout_s
        self._lock: int | None = None
        self._runs: list[HostRun] = []
        self._hosts: tuple[LabHost, ...] = ()

    async def __aenter__(self) -> Self:
        """Start; see `start`."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop; see `stop`."""
        await self.stop()

    @property
    def hosts(self) -> tuple[LabHost, ...]:
        """The started hosts, in the order of the table; empty while the lab is stopped."""
        return self._hosts

    def assets(self) -> list[dict[str, Json]]:
        """The started hosts as rows for the inventory; empty while the lab is stopped."""
        return inventory_rows(self._hosts, os_name())

    async def start(self) -> tuple[LabHost, ...]:
        """Start, or adopt, everything; returns the hosts.

        Raises Conflict (`lab.in_use`) while a lab runs in this directory, and Unavailable (`lab.start_failed`) naming
        what did not start; nothing stays running then.
        """
        try:
            self._take_lock()
        except OSError as error:
            raise _start_failed(error) from error
        try:
            ports = await asyncio.to_thread(self._lay_out)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(run.start(self._command_timeout_s)) for run in self._runs]
            ports.save()
            self._hosts = tuple(task.result() for task in tasks)
        except ExceptionGroup as group_error:
            raise _start_failed(_first(group_error)) from group_error
        except (OSError, OpsConductorError) as error:
            raise _start_failed(error) from error
        finally:
            if not self._hosts:
                await self.stop()
        return self._hosts

    async def stop(self) -> None:
        """Close the SSH servers, end commands and services, and let the directory go. Stopping twice is fine.

        Raises Unavailable (`lab.stop_failed`) naming the hosts on which a process did not end.
        """
        runs, self._runs, self._hosts = self._runs, [], ()
        try:
            async with asyncio.TaskGroup() as group:
                endings = [group.create_task(run.stop()) for run in runs]
        finally:
            self._drop_lock()
        wrong = [fault for task in endings for fault in task.result()]
        if wrong:
            raise Unavailable("lab.stop_failed", f"The lab did not stop cleanly: {'; '.join(wrong)}.")

    def _lay_out(self) -> PortBook:
        """Everything that only touches files; the ports are on file before a process uses them."""
        keys = self._directory / "keys"
        keys.mkdir(exist_ok=True, mode=0o700)
        key_pair(keys / "client")
        ports = PortBook(self._directory / "ports.json")
        self._runs = [HostRun(spec, self._directory, ports) for spec in HOSTS]
        for run in self._runs:
            run.lay_out()
        ports.save()
        return ports

    def _take_lock(self) -> None:
        """Held by this process alone, and let go by the system however the process ends."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise Conflict("lab.in_use", "A lab is already running in this folder.") from error
        self._lock = lock

    def _drop_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _first(error: BaseException) -> BaseException:
    """The first plain error inside a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _start_failed(error: BaseException) -> OpsConductorError:
    """Our own errors as they are, the system's in our words."""
    if isinstance(error, OpsConductorError):
        return error
    return Unavailable("lab.start_failed", f"The lab did not start: {error}.")
