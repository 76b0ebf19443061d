"""Facets of a rule must all be met by the context."""

from opsconductor.domain.rules import facets_match


def test_no_facets_match_everything() -> None:
    assert facets_match({}, {})


def test_each_facet_needs_one_of_its_values() -> None:
    wanted = {"environment": ("production", "live"), "role": ("database",)}
    assert facets_match(wanted, {"environment": ["live"], "role": "database"})
    assert not facets_match(wanted, {"environment": ["staging"], "role": "database"})
    assert not facets_match(wanted, {"environment": ["live"]})
