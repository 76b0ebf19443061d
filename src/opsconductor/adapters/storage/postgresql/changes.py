"""What a unit of work is made of: changes prepared beforehand, each with its condition."""

from collections.abc import Awaitable, Callable

from opsconductor.adapters.storage.postgresql.transaction import Transaction

Change = Callable[[Transaction], Awaitable[None]]
"""Says whom it serves, then changes rows, or raises as its condition does not hold; may be done anew from the start."""
