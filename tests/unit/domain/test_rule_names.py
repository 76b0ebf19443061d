"""Rule conditions see the same names wherever they are judged."""

from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.rule_names import RULE_NAMES, plan_names, request_names


def test_words_are_whole_and_lower_case() -> None:
    names = request_names("Delete the DB on db-01!", "cli", identity(), {"team": "ops"})
    assert names["request"] == {"text": "Delete the DB on db-01!", "words": ["delete", "the", "db", "on", "db-01"]}


def test_both_halves_together_are_all_names() -> None:
    early = request_names("x", "cli", identity(), {})
    late = plan_names("information/asset_count", "info", None, [])
    assert set(early) | set(late) == RULE_NAMES
    assert not set(early) & set(late)


def identity() -> Identity:
    return Identity(identity_id="idn_1", tenant="default", name="requester", roles=frozenset({Role.REQUESTER}))
