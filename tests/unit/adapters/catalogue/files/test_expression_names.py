"""The names that are checked at load are the names that the engine gives at use."""

from opsconductor.adapters.catalogue.files.expression_names import (
    ENFORCEMENT,
    TARGET,
    condition_names,
    success_names,
)
from opsconductor.domain.assets import Asset
from opsconductor.domain.identity import Identity
from opsconductor.domain.rule_names import RULE_NAMES, plan_names, request_names
from opsconductor.domain.rule_names import target_names as planned_target_names
from opsconductor.stages.e_execute.steps.calls import target_names
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step


def test_conditions_know_what_rules_are_judged_by() -> None:
    identity = Identity(identity_id="id_1", name="ann", tenant="default", kind="human", roles=frozenset({"operator"}))
    given = {
        **request_names("restart it", "cli", identity, {"team": "x"}),
        **plan_names("automation/restart", "act", None, [{"name": "a"}]),
    }
    known = condition_names(["team"])
    assert {name for name in known if not name.endswith("[]")} == set(given) == set(RULE_NAMES)
    for name, value in given.items():
        if isinstance(value, dict):
            assert set(known[name] or ()) == set(value), name
    (target,) = planned_target_names(a_plan(a_step(a_change(), HOSTS[0])))
    assert set(known["targets[]"] or ()) == set(target)


def test_tools_know_what_a_target_is() -> None:
    asset = Asset(asset_id="a", tenant="t", name="n", type="linux_server", source="lab", source_id="n")
    given = target_names(asset)
    assert isinstance(given, dict)
    assert set(TARGET) == set(given)


def test_readings_are_known_to_changes_only() -> None:
    assert "before" not in success_names(["host"], ["pid"], changes=False)
    assert success_names(["host"], ["pid"], changes=True)["before"] is None
    assert set(ENFORCEMENT) == {"reply", "channel"}
