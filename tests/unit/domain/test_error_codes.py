"""The table of codes is sane: every HTTP status and exit code is one that a door may give."""

from opsconductor.domain.error_codes import CODES

EXITS = {1, 2, 5, 6, 7}


def test_statuses_and_exits_are_of_the_doors() -> None:
    assert {code for code, spec in CODES.items() if spec.exit not in EXITS or not 400 <= spec.status < 600} == set()


def test_what_a_person_may_not_do_is_never_told_as_a_failure() -> None:
    for code in ("rights.denied", "gate.second_person", "gate.denied_by_rule", "approval.not_yours"):
        assert CODES[code].exit == 6
