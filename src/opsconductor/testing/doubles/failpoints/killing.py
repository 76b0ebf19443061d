"""Failpoints that end the process as a power cut would, or fail, or stop for a while, at a named place."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path


class KillingFailpointsDouble:
    """Kills this process (SIGKILL) at a place, raises what `fail_at` names, and records every place it passes."""

    def __init__(
        self,
        kill_at: str = "",
        fail_at: Mapping[str, Exception] | None = None,
        stop_at: str = "",
        *,
        times: int = 1,
        kill_at_hit: int = 0,
        trail: Path | None = None,
    ) -> None:
        """It kills at the `times`-th hit of `kill_at`, or at the `kill_at_hit`-th hit of any place (0: never).

        At `stop_at` it waits until `go_on` is set; `reached` tells that it waits. The places passed are also written
        to the file `trail`, one a line, where they outlive the process.
        """
        self.hits: list[str] = []
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self._kill_at = kill_at
        self._fail_at = dict(fail_at or {})
        self._stop_at = stop_at
        self._times = times
        self._kill_at_hit = kill_at_hit
        self._trail = trail

    async def hit(self, name: str) -> None:
        """See the port."""
        self.hits.append(name)
        if self._trail is not None:
            with self._trail.open("a") as trail:
                trail.write(f"{name}\n")
        if self._is_the_end(name):
            os.kill(os.getpid(), signal.SIGKILL)
        if name == self._stop_at:
            self.reached.set()
            await self.go_on.wait()
        if name in self._fail_at:
            raise self._fail_at[name]

    def _is_the_end(self, name: str) -> bool:
        if self._kill_at_hit:
            return len(self.hits) == self._kill_at_hit
        return name == self._kill_at and self.hits.count(name) == self._times
