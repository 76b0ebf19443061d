"""The matrix takes every place of every plan before any of them twice, and the same cells for the same seed."""

from opsconductor.testing.crash.cells import BEHAVIOURS, SECOND_KILLS, TURNS, Rehearsal, choose
from opsconductor.testing.world.realm import LATE

REHEARSALS = tuple(
    Rehearsal(plan=plan, probe=probe, behaviour=behaviour, places=("accept", "intent", "sent", "intent", "sent"))
    for plan in ("one", "two")
    for probe in (True, False)
    for behaviour in BEHAVIOURS
)
ALL = 2 * 2 * 4 * 5 * len(SECOND_KILLS)


def test_every_place_of_every_plan_comes_first() -> None:
    cells = choose(REHEARSALS, 6, seed=1)
    assert {(cell.plan, cell.place) for cell in cells} == {
        (plan, place) for plan in ("one", "two") for place in ("accept", "intent", "sent")
    }
    assert [cell.number for cell in cells] == [1, 2, 3, 4, 5, 6]


def test_all_there_are_are_different_and_no_more_are_made_up() -> None:
    cells = choose(REHEARSALS, 10 * ALL, seed=1)
    assert len(cells) == ALL
    assert (
        len({(cell.plan, cell.probe, cell.behaviour, cell.place, cell.times, cell.second_kill) for cell in cells})
        == ALL
    )
    assert {cell.place for cell in cells if cell.times == 2} == {"intent", "sent"}


def test_most_of_them_have_late_effects_that_can_be_read_back() -> None:
    cells = choose(REHEARSALS, ALL // 5, seed=1)
    late = sum(cell.probe and cell.behaviour == LATE for cell in cells)
    assert late / len(cells) > 0.5
    assert {(cell.behaviour, cell.probe) for cell in cells} == set(TURNS)


def test_the_seed_decides() -> None:
    assert choose(REHEARSALS, 20, seed=1) == choose(REHEARSALS, 20, seed=1)
    assert choose(REHEARSALS, 20, seed=1) != choose(REHEARSALS, 20, seed=2)


def test_a_cell_is_told_in_a_line() -> None:
    cells = choose(REHEARSALS, ALL, seed=1)
    cell = next(one for one in cells if one.second_kill == 3 and not one.probe and one.place == "accept")
    assert cell.described().endswith("killed at accept, recovery killed at its place 3")
    assert "without probe" in cell.described()
