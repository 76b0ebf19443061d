"""Faults with their tracebacks, as JSON lines in the home's log folder; readable by the owner only."""

import json
import os
import traceback
from pathlib import Path

from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.ids import Ids


class FaultLog:
    """Appends to `faults.jsonl`. Values of local variables are never written, only the call stack."""

    def __init__(self, folder: Path, clock: Clock, ids: Ids) -> None:
        self._path = folder / "faults.jsonl"
        self._clock = clock
        self._ids = ids

    def report(self, fault: BaseException, subject: str) -> str:
        """Write the fault; when even that fails, the reference still identifies it in the reply."""
        reference = self._ids.new("fault")
        line = {
            "at": timestamp(self._clock.now()),
            "reference": reference,
            "subject": subject,
            "fault": type(fault).__name__,
            "stack": traceback.format_tb(fault.__traceback__),
        }
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
        except OSError:
            return reference
        return reference
