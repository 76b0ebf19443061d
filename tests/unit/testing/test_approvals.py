"""The approval that replies are tried on has the hash of what it shows."""

from opsconductor.domain.plan import envelope_content
from opsconductor.ports.canonical import digest
from opsconductor.testing.approvals import an_approval
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step


def test_its_hash_is_true() -> None:
    plan = a_plan(a_step(a_change(), HOSTS[0]))
    approval = an_approval(plan)
    assert approval.plan_hash == digest(envelope_content(approval.envelope))
    assert approval.level == plan.approval_level
