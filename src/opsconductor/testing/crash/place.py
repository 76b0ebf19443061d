"""Where a cell lives: what its processes share, and what is left of them for its judge."""

from dataclasses import dataclass, field
from pathlib import Path

from opsconductor.testing.doubles.clock.on_file import OnFileClockDouble
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder (home, time, logs), a realm of the World, and a record of its own."""

    folder: Path
    port: int  # of the World
    realm: str
    database_url: str = field(default="", repr=False)  # of the record; "" is SQLite in the home
    admin_url: str = field(default="", repr=False)  # of the role that prepares it

    @property
    def home(self) -> Path:
        """The home of its engine."""
        return self.folder / "home"

    @property
    def client_log(self) -> Path:
        """What the cell's client was promised and shown."""
        return self.folder / "client.log"

    @property
    def clock(self) -> OnFileClockDouble:
        """The cell's time."""
        return OnFileClockDouble(self.folder / "time")

    def failpoints(
        self, trail: str, *, kill_at: str = "", times: int = 1, kill_at_hit: int = 0
    ) -> KillingFailpointsDouble:
        """Failpoints that write where they passed to the file `trail`, and kill where they are told to."""
        return KillingFailpointsDouble(kill_at, times=times, kill_at_hit=kill_at_hit, trail=self.folder / trail)

    def passed(self, trail: str) -> tuple[str, ...]:
        """The places that a process of this cell passed, also when it died of it."""
        path = self.folder / trail
        return tuple(path.read_text().splitlines()) if path.exists() else ()
