"""Facts are read from stored results: each number, name and state of them stands where its evidence says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.catalogue import Tool
from opsconductor.domain.claims import claims_left, without
from opsconductor.domain.execution import (
    Attempt,
    Execution,
    ExecutionResultV1,
    ExecutionStatus,
    StepError,
    StepResult,
    StepStatus,
)
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.response import FactsBlock
from opsconductor.stages.d_answer.answer import STATE_WORDS, Answer
from opsconductor.stages.d_answer.template import lookup
from opsconductor.stages.e_execute.result_aggregator import aggregate
from opsconductor.testing.approvals import an_approval
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step

RESTART = a_change(
    target_label="{service} on {host}",
    answer="{service} on {target.name} was restarted: process {before.pid} ended, {after.pid} runs.",
)
COUNT = a_read(answer="{host} counts {output.count}, {output.full|nearly full:with room}, {output.size|bytes}.")
QUERY = a_read("asset-query", targets_input="", platforms=())
AT = "2026-05-05T12:00:00.000Z"


def a_result(tool: Tool, target: str, status: StepStatus = StepStatus.SUCCEEDED, **changes: Any) -> StepResult:
    plain = StepResult(
        step_id="step_1",
        tool=tool.name,
        target=target,
        target_id=f"asset_{target}" if target else "",
        status=status,
        attempts=(Attempt(number=1, started_at=AT, before={"pid": 411}, after={"pid": 522}),),
        started_at=AT,
        completed_at=AT,
        duration_s=1.5,
    )
    return replace(plain, **changes)


def result_of(plan: PlanV1, *results: StepResult) -> ExecutionResultV1:
    execution = Execution(
        execution_id="exec_1",
        tenant="default",
        session_id="sess_1",
        turn_id="turn_1",
        turn_group="turn_1",
        requester="id_1",
        plan=plan,
        plan_hash="",
        status=ExecutionStatus.RUNNING,
        mode="immediate",
        request="",
        created_at=AT,
    )
    return aggregate(execution, results, (), AT, AT, 1.5)


def facts(tool: Tool, *results: StepResult, inputs: Mapping[str, Json] | None = None) -> tuple[FactsBlock, PlanV1]:
    hosts = [host for host in HOSTS if host.name in {result.target for result in results}]
    plan = a_plan(a_step(tool, *hosts, inputs=dict(inputs or {"service": "billing", "host": "app-01"})))
    catalogue = a_catalogue(tools={tool.name: tool})
    return Answer().execution_facts(catalogue, plan, result_of(plan, *results)), plan


def assert_proven(block: FactsBlock, sources: Mapping[str, Json]) -> None:
    """Every claim of every fact has evidence, and every evidence resolves in the stored result."""
    for fact in block.facts:
        assert claims_left(without(fact, [item.claim for item in block.evidence])) == ()
    for item in block.evidence:
        stored = lookup(sources[item.step], item.path)
        many = isinstance(stored, (list, tuple)) and isinstance(item.value, int) and item.value <= len(stored)
        assert stored == item.value or many or (isinstance(stored, Mapping) and item.value in stored), item


def stored(tool: Tool, result: StepResult, inputs: Mapping[str, Json]) -> Json:
    attempt = result.attempts[-1] if result.attempts else None
    return {
        "tool": result.tool,
        "target": {"name": result.target},
        "input": {**inputs, **({"host": result.target} if tool.targets_input else {})},
        "before": attempt.before if attempt else None,
        "after": attempt.after if attempt else None,
        "output": result.output,
        "status": result.status.value,
        "error": {"message": result.error.message} if result.error else None,
        "note": result.note,
    }


def test_a_success_is_told_in_the_tools_words() -> None:
    result = a_result(RESTART, "app-01")
    block, _ = facts(RESTART, result)
    assert block.facts == ("billing on app-01 was restarted: process 411 ended, 522 runs.",)
    assert_proven(block, {"step_1@app-01": stored(RESTART, result, {"service": "billing"})})


def test_each_target_is_told_by_its_own_name() -> None:
    results = [a_result(COUNT, host.name, output={"count": 3, "full": False, "size": 2048}) for host in HOSTS[:2]]
    block, _ = facts(COUNT, *results)
    assert block.facts == ("app-01 counts 3, with room, 2.0 KiB.", "app-02 counts 3, with room, 2.0 KiB.")
    inputs: dict[str, Json] = {"service": "billing"}
    assert_proven(block, {f"step_1@{result.target}": stored(COUNT, result, inputs) for result in results})


@pytest.mark.parametrize("status", list(StepStatus))
@pytest.mark.parametrize("error", [None, StepError(code="connector.failed", message="exit 1: port 8080 in use")])
def test_every_status_has_its_words_and_only_success_says_so(status: StepStatus, error: StepError | None) -> None:
    result = a_result(RESTART, "app-02", status, error=error, note="Noted 2 things", attempts=())
    block, _ = facts(RESTART, result)
    (fact,) = block.facts
    assert STATE_WORDS[status] in fact
    assert "billing on app-02" in fact
    assert ("succeeded" in fact) == (status is StepStatus.SUCCEEDED)
    assert ("port 8080" in fact) == (error is not None)
    assert "Noted 2 things" in fact
    assert_proven(block, {"step_1@app-02": stored(RESTART, result, {"service": "billing"})})


def test_an_answer_with_a_gap_is_told_by_its_state() -> None:
    block, _ = facts(COUNT, a_result(COUNT, "app-01", output={"count": 3}))
    assert block.facts == ("count-read on app-01: succeeded.",)


@given(
    count=st.integers(-(10**12), 10**12),
    size=st.integers(0, 2**60),
    full=st.booleans(),
    host=st.sampled_from([host.name for host in HOSTS]),
)
def test_any_value_of_an_output_is_proven(count: int, size: int, full: bool, host: str) -> None:
    result = a_result(COUNT, host, output={"count": count, "full": full, "size": size})
    block, _ = facts(COUNT, result)
    assert_proven(block, {f"step_1@{host}": stored(COUNT, result, {"service": "billing"})})


names = st.text(st.sampled_from("abz019-_. "), min_size=1, max_size=12).filter(lambda text: text.strip() == text)


@given(
    breakdown=st.dictionaries(names, st.integers(0, 10**6), max_size=6),
    total=st.integers(0, 10**6),
    kind=st.sampled_from(["count", "list", "search", "show", "group"]),
    assets=st.lists(st.fixed_dictionaries({"name": names, "type": names, "ip": names}), max_size=25),
    site=names,
)
def test_any_answer_of_the_inventory_is_proven(
    breakdown: dict[str, int], total: int, kind: str, assets: list[dict[str, str]], site: str
) -> None:
    output: Json = {"success": True, "total_count": max(total, len(assets)), "breakdown": breakdown, "assets": assets}
    inputs: dict[str, Json] = {"query_type": kind, "filters": {"site": site}, "text": site if kind == "search" else ""}
    result = a_result(QUERY, "", output=output)
    plan = a_plan(a_step(QUERY, inputs=inputs))
    block = Answer().execution_facts(a_catalogue(tools={QUERY.name: QUERY}), plan, result_of(plan, result))
    source = stored(QUERY, result, inputs)
    for item in block.evidence:
        if "breakdown." not in item.path:  # keys with dots are found whole
            assert_proven(FactsBlock(evidence=(item,)), {"step_1": source})
    for fact in block.facts:
        assert claims_left(without(fact, [item.claim for item in block.evidence])) == ()


def test_a_plan_names_steps_targets_time_risk_and_hash() -> None:
    steps = (
        a_step(RESTART, *HOSTS[:2]),
        a_step(COUNT, HOSTS[2], step_id="step_2", inputs={"host": "app-03", "minutes": 5}),
    )
    plan = a_plan(*steps, estimate_s=12.5)
    approval = an_approval(plan, approval_id="appr_0190-77", level=2)
    block = Answer().plan_facts(a_catalogue(tools={tool.name: tool for tool in (RESTART, COUNT)}), plan, approval)
    (fact,) = block.facts
    lines = fact.splitlines()
    assert lines[0] == "Nothing has been run yet. This plan waits for approval:"
    assert lines[1] == "1. service-restart (billing on app-01, app-02) on app-01, app-02"
    assert lines[2] == "2. count-read (minutes 5) on app-03"
    assert lines[3] == f"Risk {plan.risk}, level 2, about 12.5 s."
    assert lines[4] == f"Approval appr_0190-77, plan {approval.plan_hash}."
    planned: Json = {
        "estimate_s": 12.5,
        "risk": plan.risk,
        "steps": [
            {
                "step_id": step.step_id,
                "tool": step.tool,
                "inputs": dict(step.inputs),
                "targets": [{"name": target.name} for target in step.targets],
            }
            for step in plan.steps
        ],
    }
    waiting: Json = {"level": 2, "plan_hash": approval.plan_hash, "approval_id": approval.approval_id}
    assert_proven(block, {"plan": planned, "approval": waiting})


@pytest.mark.parametrize("status", [ExecutionStatus.PARTIAL, ExecutionStatus.AWAITING_APPROVAL])
def test_what_the_plan_did_not_predict_is_told_once_the_run_has_ended(status: ExecutionStatus) -> None:
    tool = a_change()
    changes = tuple(f"{tool.name} on {host.name}" for host in HOSTS[:2])
    plan = a_plan(a_step(tool, *HOSTS[:2]), predicted_changes=changes)
    results = a_result(tool, "app-01"), a_result(tool, "app-02", StepStatus.FAILED)
    told = replace(result_of(plan, *results), status=status)
    block = Answer().execution_facts(a_catalogue(tools={tool.name: tool}), plan, told)
    words = "Of 2 predicted changes 1 stands. Not made: service-restart on app-02."
    if status is ExecutionStatus.AWAITING_APPROVAL:
        assert words not in block.facts
        return
    assert block.facts[-1] == words
    (proof,) = [item for item in block.evidence if item.claim == words]
    assert lookup({"plan_against_actual": told.plan_against_actual}, proof.path) == words
