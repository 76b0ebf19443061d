import pytest

from opsconductor.domain.assets import Mention
from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.names import Lookup, lookup_of
from opsconductor.phases.p02_sense.services import unknown_services
from opsconductor.testing.turns import an_asset_match

NEAR: Lookup = lookup_of(
    [
        Mention(text="biling", kind="service", matches=(an_asset_match("app-01", exact=False, score=0.86),)),
        Mention(text="filling", kind="service", matches=(an_asset_match("app-01", exact=False, score=0.86),)),
        Mention(text="billing", kind="service", matches=(an_asset_match("app-01"),)),
    ]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("restart biling on app-01", [("billing", "fuzzy")]),
        ("stop the biling process on app-01", [("billing", "fuzzy")]),
        ("is biling running", [("billing", "fuzzy")]),
        ("restart foo on app-01", [("foo", "none")]),
        ("systemctl status foo", [("foo", "none")]),
        ("is the foo daemon up", [("foo", "none")]),
        ("see if nginx is active on web-01", [("nginx", "none")]),
        ("install nginx on web-01", [("nginx", "none")]),
        ("deploy biling 2.3 to staging", [("billing", "fuzzy")]),
        ("deploy biling 2.3 to app-01", [("billing", "fuzzy")]),
        ("please roll out the biling service", [("billing", "fuzzy")]),
        ("roll out version 2.3 of biling to app-01", [("billing", "fuzzy")]),
        ("roll biling back to 2.2", [("billing", "fuzzy")]),
        ("revert biling on app-01", [("billing", "fuzzy")]),
        ("put v2.3 of biling in staging", [("billing", "fuzzy")]),
        ("which releases of biling lie ready", [("billing", "fuzzy")]),
        ("what biling version runs on app-01", [("billing", "fuzzy")]),
        ("start the rollout of biling 2.3", [("billing", "fuzzy")]),
        ("deploy foo 2.3 to staging", []),
        ("deploy billing 2.3 to staging", []),
        ("update everything", []),
        ("push the release to staging", []),
        ("is /tmp filling up on app-02", []),
        ("stop alerts on db-01", []),
        ("is everything running", []),
        ("restart the server on monday", []),
        ("restart billing on app-01", []),
        ("a named host", []),
    ],
)
def test_a_service_is_found_where_one_must_stand(text: str, expected: list[tuple[str, str]]) -> None:
    found = {(one.entity.value, one.entity.match) for one in unknown_services(Said(text), NEAR)}
    assert found == set(expected)


def test_a_long_run_of_names_is_read_once() -> None:
    assert list(unknown_services(Said("a." * 8000), {})) == []
