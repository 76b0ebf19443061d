"""A place and a service name a group only for tools that go to many, and only where the service runs there."""

from dataclasses import replace

import pytest

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.entities import Entity
from opsconductor.stages.a_classify.whole_groups import names_whole_group
from opsconductor.testing.turns import a_host, a_tool, a_word, an_asset_match

READ = a_tool("service-version", max_targets=20)
DEPLOY = a_tool("service-deploy", max_targets=20, effect=Effect.COMPENSATABLE, canary=1)
BILLING = replace(
    a_word("service", "billing"),
    matches=(an_asset_match("app-01"), an_asset_match("app-02", site="north")),
)
STAGING, PRODUCTION, LAB = a_word("environment", "staging"), a_word("environment", "production"), a_word("site", "lab")


@pytest.mark.parametrize(
    ("tools", "entities", "whole"),
    [
        ([DEPLOY], (BILLING, STAGING), True),
        ([READ], (BILLING, STAGING), True),
        ([READ], (BILLING, STAGING, LAB), True),
        ([DEPLOY, replace(READ, max_targets=1)], (BILLING, STAGING), False),
        ([replace(DEPLOY, canary=0)], (BILLING, STAGING), False),
        ([replace(DEPLOY, canary=0, batch=2)], (BILLING, STAGING), True),
        ([DEPLOY], (BILLING, PRODUCTION), False),
        ([DEPLOY], (BILLING, STAGING, a_word("site", "south")), False),
        ([DEPLOY], (BILLING,), False),
        ([DEPLOY], (STAGING,), False),
        ([DEPLOY], (replace(BILLING, match="fuzzy"), STAGING), False),
        ([DEPLOY], (BILLING, replace(STAGING, match="none")), False),
        ([DEPLOY], (BILLING, STAGING, a_host("app-01")), False),
        ([], (BILLING, STAGING), False),
    ],
)
def test_a_place_and_a_service_name_a_group(tools: list[Tool], entities: tuple[Entity, ...], whole: bool) -> None:
    assert names_whole_group(tools, entities) is whole
