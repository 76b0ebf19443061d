"""One selected tool as a step: what it carries, what it risks, and what makes no step at all."""

from typing import Any

import pytest

from tests.unit.stages.c_plan.plans import HOSTS, plan, refused, selected


@pytest.mark.parametrize(
    "address",
    [
        *("http://169.254.169.254/latest", "http://[fe80::1]/", "http://224.0.0.1/", "http://0.0.0.0:80/"),
        *("http://2852039166/", "http://0xa9fea9fe/", "http://[::ffff:169.254.169.254]/", "http://169.254.169.254./"),
        *("http://[::", "http://168.63.129.16/"),
    ],
)
async def test_an_address_that_no_approval_can_allow_makes_no_plan(address: str) -> None:
    assert await refused(selected("http-check", url=address)) == "connector.forbidden_address"


@pytest.mark.parametrize(
    "address", ["http://example.com/", "http://10.0.0.1/", "http://93.184.216.34/", "http://face/"]
)
async def test_other_addresses_are_left_to_the_approval_and_the_connector(address: str) -> None:
    assert (await plan(selected("http-check", url=address))).approval_level == 1


async def test_a_step_shows_what_would_be_sent_and_no_secret() -> None:
    one = await plan(selected("secretive", "app-01", host="app-01", token="hunter2"))
    assert one.steps[0].request == {"argv": ["act", "app-01", "[redacted]"]}
    assert one.steps[0].connector == "ssh"
    two = await plan(selected("secretive", "app-01", "app-02", token="hunter2"))
    assert two.steps[0].request == {"argv": ["act", "<each target>", "[redacted]"]}
    check = await plan(selected("http-check", url="http://example.com/"))
    assert check.steps[0].request == {"http": {"method": "GET", "url": "http://example.com/"}}


async def test_an_address_outside_the_inventory_needs_a_confirmation() -> None:
    made = await plan(selected("http-check", url="http://example.org/"))
    assert made.steps[0].outside_inventory
    assert made.approval_level == 1


async def test_a_fraction_cannot_be_hashed_and_a_whole_number_can() -> None:
    assert (await plan(selected("disk-usage", "app-01", minutes=5.0))).steps[0].inputs["minutes"] == 5
    assert await refused(selected("disk-usage", "app-01", minutes=0.5)) == "plan.unhashable"


async def test_a_step_carries_rollout_verification_undo_and_what_may_be_repeated() -> None:
    made = await plan(selected("deploy", *[host.name for host in HOSTS], version="2"))
    step = made.steps[0]
    assert (step.canary, step.batch, step.concurrency, step.verify, step.on_failure) == (1, 3, 1, "disk-usage", "undo")
    assert (step.undo, step.undo_inputs) == ("deploy", {"version": {"before": "version"}})
    assert (step.retries, step.retry_pause_ms) == (0, 0)  # only what may be done twice is tried again
    assert made.canary
    assert made.estimate_s == 8 * 5.0 + 4 * 1.0  # eight deployments, and a look after each of 1 + 3 + 3 + 1
    patient = (await plan(selected("patient", "app-01"))).steps[0]
    assert (patient.retries, patient.retry_pause_ms) == (2, 500)


async def test_one_target_has_no_canary() -> None:
    made = await plan(selected("deploy", "app-01", version="2"))
    assert (made.steps[0].canary, made.steps[0].batch, made.canary) == (0, 0, False)
    assert (made.approval_level, made.estimate_s) == (1, 6.0)


@pytest.mark.parametrize(
    ("hosts", "inputs", "risk", "level", "because"),
    [
        (("app-01",), {"version": "2"}, "medium", 1, ""),
        (("app-01",), {"version": "2-rc"}, "high", 2, "deploy: a candidate is deployed"),
        (("app-01", "primary"), {"version": "2"}, "critical", 3, "deploy: a primary is touched"),
        (("app-01",), {}, "high", 2, "deploy: a candidate is deployed (could not be judged: input.version)"),
        (("db-01",), {"version": "2"}, "high", 2, "an asset of high criticality is changed"),
    ],
)
async def test_rules_of_a_tool_raise_the_risk_and_say_why(
    hosts: tuple[str, ...], inputs: dict[str, Any], risk: str, level: int, because: str
) -> None:
    made = await plan(selected("deploy", *hosts, **inputs))
    assert (made.risk, made.approval_level) == (risk, level)
    assert because in (*made.risk_reasons, "")
    assert made.steps[0].risk == risk


async def test_a_change_never_takes_what_another_step_only_finds_out() -> None:
    variable = {"from": "step_1.version"}
    assert await refused(selected("deploy", "app-01", version=variable)) == "plan.invalid"
    assert await refused(selected("deploy", "app-01", versions=[{"of": variable}])) == "plan.invalid"
    assert (await plan(selected("disk-usage", "app-01", path=variable))).steps[0].inputs == {"path": variable}


@pytest.mark.parametrize("host", ["desk-01", "client"])
async def test_a_tool_is_never_planned_for_a_platform_it_does_not_work_on(host: str) -> None:
    assert await refused(selected("service-restart", host)) == "scope.no_tool"
    assert await refused(selected("wide-change", "app-01", host)) == "scope.no_tool"
