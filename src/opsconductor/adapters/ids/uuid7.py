"""UUIDv7 (RFC 9562): identifiers that sort by time, across processes by the millisecond, within one exactly."""

import os
import threading

from opsconductor.ports.clock import Clock

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BITS = (1 << 62) - 1


class Uuid7Ids:
    """48 bits of milliseconds, 12 bits that count 1/4096 ms and never step back here, 62 random bits."""

    def __init__(self, clock: Clock) -> None:
        """Times come from `clock`; safe to share between threads."""
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def new(self, prefix: str) -> str:
        """See the port."""
        ticks = self._ticks()
        random = int.from_bytes(os.urandom(8), "big") & _RANDOM_BITS
        bits = ticks >> 12 << 80 | _VERSION | (ticks & 0xFFF) << 64 | _VARIANT | random
        text = f"{bits:032x}"
        return f"{prefix}_{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _ticks(self) -> int:
        now = self._clock.now()
        microseconds = int(now.timestamp()) * 1_000_000 + now.microsecond
        with self._lock:
            self._last = max(microseconds * 4096 // 1000, self._last + 1)
            return self._last


def open_ids(clock: Clock) -> Uuid7Ids:
    """A source of identifiers."""
    return Uuid7Ids(clock)
