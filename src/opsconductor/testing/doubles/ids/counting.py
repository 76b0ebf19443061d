"""A double of the ids that counts, so that a test knows the next one."""

from opsconductor.ports.clock import Clock


class CountingIdsDouble:
    """`turn_00000000-0000-7000-8000-000000000001` and up, one count for all prefixes."""

    def __init__(self) -> None:
        """Nothing minted yet."""
        self.minted = 0

    def new(self, prefix: str) -> str:
        """See the port."""
        self.minted += 1
        return f"{prefix}_00000000-0000-7000-8000-{self.minted:012x}"


def open_ids(clock: Clock) -> CountingIdsDouble:
    """A fresh double; it looks at no clock."""
    return CountingIdsDouble()
