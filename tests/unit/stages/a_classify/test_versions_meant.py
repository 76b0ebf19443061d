import re

import pytest

from opsconductor.domain.entities import Entity
from opsconductor.stages.a_classify.versions_meant import versions_meant


def named(kind: str, text: str, pattern: str) -> list[Entity]:
    return [
        Entity(type=kind, value=one[0], text=one[0], start=one.start(), end=one.end(), confidence=1, match="exact")
        for one in re.finditer(pattern, text)
    ]


def meant(text: str, *, back: bool = False, answered: bool = False) -> list[str]:
    entities = (*named("service", text, "billing"), *named("version", text, r"\d\.\d"))
    left = versions_meant(text, entities, back=back, answered=answered)
    assert [one for one in left if one.type == "service"] == [one for one in entities if one.type == "service"]
    return [one.value for one in left if one.type == "version"]


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("deploy billing 2.3 to staging", ["2.3"]),
        ("upgrade billing from 2.2 to 2.3", ["2.3"]),
        ("upgrade billing from version 2.2 to version 2.3", ["2.3"]),
        ("upgrade billing to 2.3 from v2.2", ["2.3"]),
        ("is billing at 2.2 or 2.3", ["2.2", "2.3"]),
    ],
)
def test_where_it_comes_from_is_not_where_it_goes(text: str, versions: list[str]) -> None:
    assert meant(text) == versions


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("roll billing back to 2.2", ["2.2"]),
        ("roll billing back to the release 2.2", ["2.2"]),
        ("roll back to billing 2.2 on app-01", ["2.2"]),
        ("downgrade billing from 2.3 to v2.2", ["2.2"]),
        ("roll back billing 2.3 on app-01", []),
        ("undo the deployment of billing 2.3 to app-01", []),
        ("revert the upgrade of billing to 2.3", []),
        ("undo the rollout to version 2.3", []),
    ],
)
def test_on_the_way_back_only_a_version_to_go_to_is_meant(text: str, versions: list[str]) -> None:
    assert meant(text, back=True) == versions


def test_the_answer_to_which_version_is_meant() -> None:
    assert meant("roll back billing 2.3 on app-01 2.2", back=True, answered=True) == ["2.2"]
    assert meant("roll back billing on app-01 version 2.2", back=True, answered=True) == ["2.2"]
    assert meant("roll back billing 2.3 on app-01", back=True, answered=True) == []
    assert meant("roll back billing 2.3", back=True) == []
