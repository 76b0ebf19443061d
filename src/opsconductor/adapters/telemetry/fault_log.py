"""Faults with their tracebacks, as JSON lines in the home's log folder; readable by the owner only."""

import json
import os
import traceback
from pathlib import Path

from opsconductor.domain.json_value import Json
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.ids import Ids

MOST_CAUSES = 8
"""How deep causes and the members of groups are followed."""


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
            **_told(fault, MOST_CAUSES),
        }
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
        except OSError:
            return reference
        return reference


def _told(fault: BaseException, depth: int) -> dict[str, Json]:
    """Class and call stack of a fault, of what it came from, and of the members of a group; no message, no value."""
    told: dict[str, Json] = {"fault": type(fault).__name__, "stack": traceback.format_tb(fault.__traceback__)}
    members = list(fault.exceptions) if isinstance(fault, BaseExceptionGroup) else []
    causes = [one for one in (*members, fault.__cause__ or fault.__context__) if one is not None]
    if causes and depth:
        told["causes"] = [_told(one, depth - 1) for one in causes]
    return told
