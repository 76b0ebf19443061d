"""Failpoints that end the process as a power cut would, or fail, or stop for a while, at a named place."""

import asyncio
import os
import signal
from collections.abc import Mapping


class KillingFailpointsDouble:
    """Kills this process (SIGKILL) at `kill_at`, raises what `fail_at` names, and records every place it passes."""

    def __init__(self, kill_at: str = "", fail_at: Mapping[str, Exception] | None = None, stop_at: str = "") -> None:
        """At `stop_at` it waits until `go_on` is set; `reached` tells that it waits."""
        self.hits: list[str] = []
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self._kill_at = kill_at
        self._fail_at = dict(fail_at or {})
        self._stop_at = stop_at

    async def hit(self, name: str) -> None:
        """See the port."""
        self.hits.append(name)
        if name == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if name == self._stop_at:
            self.reached.set()
            await self.go_on.wait()
        if name in self._fail_at:
            raise self._fail_at[name]
