from opsconductor.domain.catalogue import Effect, RiskLevel, Tool
from opsconductor.domain.selection import SelectedTool, SelectionPolicy
from opsconductor.stages.b_select.policy import policy_of
from opsconductor.testing.turns import a_tool


def policy(tool: Tool, *targets: str, environments: tuple[str, ...] = ()) -> SelectionPolicy:
    return policy_of([SelectedTool(name=tool.name, reason="", targets=targets)], [tool], environments)


def test_a_read_is_level_0_at_any_width() -> None:
    found = policy(a_tool("disk-usage"), "a", "b", environments=("production",))
    assert (found.approval_level, found.risk, found.rights) == (0, "low", ("read",))
    assert found.environment == "production"


def test_a_change_raises_with_targets_environment_and_effect() -> None:
    restart = a_tool("restart", effect=Effect.IDEMPOTENT)
    assert policy(restart, "a").approval_level == 1
    assert policy(restart, "a").rights == ("change",)
    assert policy(restart, "a", "b").approval_level == 2
    stop = a_tool("stop", effect=Effect.COMPENSATABLE)
    assert policy(stop, "a", environments=("production",)).approval_level == 2
    assert policy(a_tool("wipe", effect=Effect.IRREVERSIBLE, risk=RiskLevel.CRITICAL), "a").approval_level == 3
