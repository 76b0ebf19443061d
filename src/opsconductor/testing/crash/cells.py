"""Which cells the matrix has, and which of them a run takes: every place in every plan before any place twice."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from opsconductor.testing.world.realm import AT_ONCE, DONE_THEN_HANG_UP, LATE, NEVER

BEHAVIOURS = (LATE, AT_ONCE, DONE_THEN_HANG_UP, NEVER)
"""How the World meets the effects of a cell."""

TURNS = tuple(
    turn
    for other in (
        *((DONE_THEN_HANG_UP, True), (AT_ONCE, False), (NEVER, True), (LATE, False)),
        *((AT_ONCE, True), (DONE_THEN_HANG_UP, False), (NEVER, False)),
    )
    for turn in (*[(LATE, True)] * 3, other)
)
"""In which order behaviours, with a probe or without, are taken. Late is the hard one where somebody can look."""

LATE_S = 2.5
"""So much later than asked: after a dead caller's successor has looked once, and within the step's time-out."""

SECOND_KILLS = (0, 1, 2, 3, 4, 6, 8, 10)
"""At which of the places that recovery passes it is killed in its turn; 0: it is not."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A plan that was run without any fault, and the places it passed, in order."""

    plan: str
    probe: bool  # whether its effects can be read back
    behaviour: str
    places: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: a plan, how the World meets it, and where which process is killed."""

    number: int
    plan: str
    probe: bool
    behaviour: str
    place: str  # where the process that runs the plan is killed
    times: int  # the how many-th time it comes there
    second_kill: int  # number of the place in recovery; 0 = recovery is let alone

    def described(self) -> str:
        """One line for people."""
        again = f", recovery killed at its place {self.second_kill}" if self.second_kill else ""
        probe = "with" if self.probe else "without"
        place = self.place if self.times == 1 else f"{self.place} (time {self.times})"
        return f"{self.plan} {probe} probe, effects {self.behaviour}, killed at {place}{again}"

    def as_json(self) -> dict[str, object]:
        """Its fields."""
        return asdict(self)


def choose(rehearsals: Sequence[Rehearsal], wanted: int, seed: int) -> tuple[Cell, ...]:
    """`wanted` different cells, or all there are when that is fewer; the same for the same seed."""
    groups: Mapping[tuple[str, str], list[Cell]] = defaultdict(list)
    for rehearsal in rehearsals:
        for place, most in Counter(rehearsal.places).items():
            for times in range(1, most + 1):
                groups[rehearsal.plan, place] += [_cell(rehearsal, place, times, second) for second in SECOND_KILLS]
    chance = random.Random(seed)
    queues = [_in_turns(cells, chance) for cells in groups.values()]
    chosen: list[Cell] = []
    while len(chosen) < wanted and any(queues):
        taken = [cells.pop() for cells in queues if cells]
        chosen += taken[: wanted - len(chosen)]
    return tuple(_numbered(cell, number) for number, cell in enumerate(chosen, start=1))


def _in_turns(cells: Sequence[Cell], chance: random.Random) -> list[Cell]:
    """Shuffled, and so that from the end on they come as TURNS has them, from any point of it, while there are any."""
    kinds = {turn: [cell for cell in cells if (cell.behaviour, cell.probe) == turn] for turn in TURNS}
    for alike in kinds.values():
        chance.shuffle(alike)
    first = chance.randrange(len(TURNS))
    turns = [TURNS[(first + place) % len(TURNS)] for place in range(len(TURNS) * len(cells))]
    return [kinds[turn].pop() for turn in turns if kinds[turn]][::-1]


def _cell(rehearsal: Rehearsal, place: str, times: int, second_kill: int) -> Cell:
    return Cell(
        number=0,
        plan=rehearsal.plan,
        probe=rehearsal.probe,
        behaviour=rehearsal.behaviour,
        place=place,
        times=times,
        second_kill=second_kill,
    )


def _numbered(cell: Cell, number: int) -> Cell:
    return Cell(**{**asdict(cell), "number": number})
