"""The one checker of the invariants I1 to I14: what every fault test asks at its end."""

from opsconductor.testing.invariants.checking import INVARIANTS, check
from opsconductor.testing.invariants.collecting import read_store
from opsconductor.testing.invariants.evidence import Evidence, StoreAfter, Violation

__all__ = ["INVARIANTS", "Evidence", "StoreAfter", "Violation", "check", "read_store"]
