"""A frozen plan is judged by what was in force for it, and by every hard GLOBAL rule of today."""

from typing import Any

import pytest

from opsconductor.domain.rules import Rule, RuleEffect, RuleScope, RuleVerdict
from opsconductor.phases.p07_execute_tools.standing_rules import standing_rules
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.executions import HOSTS


def a_rule(**changes: Any) -> Rule:
    fields: dict[str, Any] = {"scope": RuleScope.GLOBAL, "effect": RuleEffect.DENY, "hard": True, **changes}
    return Rule(rule_id="R-1", title="", description="", **fields)


@pytest.mark.parametrize(
    ("rule", "kept", "stands"),
    [
        (a_rule(), False, True),
        (a_rule(enabled=False), True, False),
        (a_rule(hard=False), False, False),
        (a_rule(hard=False), True, True),
        (a_rule(scope=RuleScope.AGENT), False, False),
        (a_rule(scope=RuleScope.AGENT), True, True),
        (a_rule(effect=RuleEffect.MUST_SAY), True, False),
        (a_rule(facets={"environment": ("staging",)}), False, True),
        (a_rule(facets={"environment": ("production",)}), False, False),
        (a_rule(facets={"service": ("no-such",)}), False, False),
    ],
)
def test_which_rules_stand(rule: Rule, kept: bool, stands: bool) -> None:
    verdicts = [RuleVerdict(rule_id="R-1", kept=kept, reason="")]
    found = standing_rules(a_catalogue(rules=(rule,)), verdicts, HOSTS[:1])
    assert found.rules == ((rule,) if stands else ())
