"""Each fault of the agent and its settings is found in its line."""

from typing import Any

import pytest

from opsconductor.adapters.catalogue.files.declare_agent import LANES, NUMBERS, SHARES, STRATEGIES
from opsconductor.phases.p04_retrieve import selection, strategies
from tests.unit.adapters.catalogue.files.conftest import SmallPack

FILE = "agent.yaml"


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ("{act_confidence: 1.5}", "act_confidence is not a share from 0 to 1"),
        ("{act_confidence: high}", "act_confidence is not a share from 0 to 1"),
        ("{act_confidence: 0.1234}", "act_confidence is not a share from 0 to 1"),
        ("{clarify_rounds: 2.0}", "clarify_rounds is no whole number from 0 to 10."),
        ("{max_target: 3}", "The settings has no field 'max_target'."),
        ("{rules_strategy: best}", "rules_strategy 'best' is not known."),
        ("{intents_limit: 0}", "intents_limit is no whole number from 1 to 1000."),
        ("{nouns: {Server: {one: a, many: b}}}", "'Server' is no asset type."),
        ("{nouns: {server: {one: a}}}", "The noun lacks many."),
        ("{nouns: {server: a}}", "The noun is no mapping."),
        ("{approval_rights: anybody}", "approval_rights is no list of grants."),
        ("{approval_rights: [{roles: [aprover]}]}", "Grant 1 of approval_rights cannot be taken."),
        ("{approval_rights: [{roles: [admin]}, {risks: [low]}]}", "Grant 2 of approval_rights cannot be taken."),
        ("{approval_rights: [{roles: [approver], risks: [hihg]}]}", "Grant 1 of approval_rights cannot be taken."),
        ("{approval_rights: [{roles: [approver], until: noon}]}", "Grant 1 of approval_rights cannot be taken."),
        ("quiet", "The settings is no mapping."),
    ],
)
def test_fault(pack: SmallPack, settings: str, fault: str) -> None:
    pack.write(FILE, pack.files[FILE] + f"settings: {settings}\n")
    assert [one for one in pack.faults() if one.startswith(f"{FILE}:6: ") and fault in one], pack.faults()


def test_shares_are_thousandths_in_what_is_hashed(pack: SmallPack) -> None:
    pack.write(FILE, pack.files[FILE] + "settings: {act_confidence: 0.75, info_confidence: 1, retrieval_pool: 40}\n")
    agent: Any = pack.check().declaration["agent"]
    assert agent["settings"] == {"act_confidence": 750, "info_confidence": 1000, "retrieval_pool": 40}
    assert agent["version"] == "1.10"


def test_grants_are_kept_and_a_fault_stands_in_the_line_of_its_grant(pack: SmallPack) -> None:
    sound = "settings:\n  approval_rights:\n    - {roles: [requester], risks: [low, medium]}\n"
    pack.write(FILE, pack.files[FILE] + sound)
    agent: Any = pack.check().declaration["agent"]
    assert agent["settings"] == {"approval_rights": [{"roles": ["requester"], "risks": ["low", "medium"]}]}
    pack.write(FILE, pack.files[FILE] + sound + "    - {roles: approver}\n")
    (fault,) = pack.faults()
    assert fault.startswith(f"{FILE}:9: Grant 2 of approval_rights cannot be taken.")
    assert "roles: [approver]" in fault


def test_the_settings_are_those_that_the_phases_read() -> None:
    assert set(STRATEGIES) == set(strategies.STRATEGIES)
    assert set(LANES) == set(selection.DEFAULTS)
    assert {"act_confidence", "info_confidence", "clarify_rounds", "max_targets", "retrieval_pool"} <= {
        *SHARES,
        *NUMBERS,
    }
