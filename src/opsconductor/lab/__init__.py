"""The lab: four real hosts on loopback, each its own SSH server, directory and processes, to practise and test on.

Nothing is simulated: `svc restart billing` on app-01 really ends one process and starts another.
"""

from opsconductor.lab.hosts import LabHost
from opsconductor.lab.lab import Lab

__all__ = ["Lab", "LabHost"]
