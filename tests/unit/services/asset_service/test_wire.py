import json

import pytest

from opsconductor.domain.assets import AssetAnswer, AssetQuery, Vocabulary
from opsconductor.domain.errors import BadInput
from opsconductor.services.asset_service import wire
from opsconductor.services.asset_service.seed import seed_assets


def test_a_query_has_defaults() -> None:
    assert wire.query_of({"query_type": "count"}) == AssetQuery(query_type="count")


def test_a_query_is_taken_as_asked() -> None:
    body = {"query_type": "search", "filters": {"site": ["HQ", "lab"], "name": "x"}, "group_by": "role", "text": "ws"}
    assert wire.query_of({**body, "limit": 5, "offset": 10}) == AssetQuery(
        query_type="search",
        filters={"site": ["HQ", "lab"], "name": "x"},
        group_by="role",
        text="ws",
        limit=5,
        offset=10,
    )


def test_a_listing_is_a_list_query() -> None:
    asked = [("limit", "5"), ("site", "HQ"), ("site", "lab"), ("offset", "10")]
    assert wire.listing_of(asked) == AssetQuery(query_type="list", filters={"site": ["HQ", "lab"]}, limit=5, offset=10)


def test_only_a_count_goes_without_assets() -> None:
    answer = AssetAnswer(success=True, total_count=0, breakdown={})
    assert "assets" not in wire.answer_json(AssetQuery(query_type="count"), answer)
    assert wire.answer_json(AssetQuery(query_type="group"), answer)["assets"] == []


def test_long_names_of_unknown_fields_are_not_echoed_whole() -> None:
    with pytest.raises(BadInput) as caught:
        wire.only({"x" * 5000: 1}, "texts")
    assert len(caught.value.message) < 100


def test_an_asset_and_a_vocabulary_are_plain_json() -> None:
    assert json.loads(json.dumps(wire.asset_json(seed_assets("default")[0])))["name"] == "WS-01"
    words = Vocabulary(revision=3, values={"type": ("a", "b")})
    assert wire.vocabulary_json(words) == {"revision": 3, "values": {"type": ["a", "b"]}}
