from typing import Any

from opsconductor.cli.render.approval import approval_lines, decision_lines, next_commands

PLAN: dict[str, Any] = {
    "steps": [
        {
            "step_id": "step_1",
            "description": "Restarts a service",
            "targets": [{"asset_id": "asset_1", "name": "app-01", "environment": "staging"}],
            "preconditions": ["a == b"],
            "success_criteria": [],
            "connector": "ssh",
            "request": {"argv": ["svc", "restart", "two words"]},
        }
    ],
    "estimate_s": 5.0,
    "timeout_s": 15.0,
    "risk_reasons": ["one target is changed"],
    "blast_radius": {"targets": 1, "criticality": "medium"},
    "predicted_changes": ["billing restarts"],
}
APPROVAL: dict[str, Any] = {
    "approval_id": "appr_1",
    "plan_hash": "sha256:abc",
    "state": "pending",
    "step_id": "",
    "needed": 1,
    "decisions": [],
    "review": None,
    "envelope": {
        "steps": [
            {
                "id": "step_1",
                "tool": "service-restart",
                "tool_digest": "sha256:def",
                "credential_ref": "lab-ssh-key",
                "effect": "idempotent",
                "arguments": {"service": "billing", "count": 2},
                "targets": ["asset_1", "asset_2"],
                "timeout_ms": 8000,
            }
        ],
        "risk": "medium",
        "approval_level": 1,
        "needed": 1,
        "step_id": "",
        "expires_at": "2026-01-01T00:00:00.000Z",
    },
}


def test_everything_that_the_approval_binds_is_shown() -> None:
    text = "\n".join(approval_lines(APPROVAL, PLAN))
    for part in (
        "service-restart (idempotent)",
        'service="billing", count=2',
        "app-01 (staging), asset_2",
        "8 s a target",
        "over ssh: svc restart 'two words'",
        "credential: lab-ssh-key",
        "digest:   sha256:def",
        "a == b",
        "about 5 s, at most 15 s",
        "medium (one target is changed)",
        "1 target, criticality medium",
        "billing restarts",
        "2026-01-01T00:00:00.000Z",
        "sha256:abc",
    ):
        assert part in text, part


def test_rollout_verification_retries_and_undo_are_shown_as_they_are_bound() -> None:
    bound = {
        **APPROVAL["envelope"]["steps"][0],
        "rollout": [1, 2, 3],
        "retries": [2, 500],
        "verify": "service-version",
        "on_failure": "undo",
        "undo": "service-deploy",
        "undo_inputs": {"version": {"before": "version"}},
    }
    text = "\n".join(approval_lines({**APPROVAL, "envelope": {**APPROVAL["envelope"], "steps": [bound]}}, PLAN))
    for part in (
        "rollout:  1 first, alone, then 2 at a time, 3 at once",
        "verifies: service-version after each part",
        "retries:  2, the first after 0.5 s",
        "on failure: undo",
        'undo:     service-deploy with version={"before": "version"}',
    ):
        assert part in text, part
    plain = "\n".join(approval_lines(APPROVAL, PLAN))
    assert "on failure: stop" in plain
    assert "rollout:" not in plain


def test_a_step_that_the_plan_does_not_describe_is_shown_all_the_same() -> None:
    text = "\n".join(approval_lines(APPROVAL, {**PLAN, "steps": [], "predicted_changes": [], "risk_reasons": []}))
    assert "Step 1:   service-restart" in text
    assert "asset_1, asset_2" in text
    assert "sends:    not recorded" in text
    assert "none predicted" in text


def test_the_next_commands_name_the_approval_and_fit_its_state() -> None:
    assert all("appr_1" in line for line in next_commands(APPROVAL))
    verbs = {
        state: [line.split("approvals ")[1].split()[0] for line in next_commands({**APPROVAL, "state": state})]
        for state in ("pending", "changes_requested", "consumed")
    }
    assert verbs == {
        "pending": ["show", "approve", "reject", "edit"],
        "changes_requested": ["show", "edit", "reject"],
        "consumed": ["show"],
    }
    step = next_commands({**APPROVAL, "step_id": "step_1"})
    assert not any("edit" in line for line in step)


def test_how_many_people_and_which_step_are_shown() -> None:
    envelope = {**APPROVAL["envelope"], "approval_level": 3, "needed": 2}
    text = "\n".join(approval_lines({**APPROVAL, "envelope": envelope}, PLAN))
    assert "Level:    3 (2 different people other than the requester)" in text
    step = {**envelope, "step_id": "step_1", "needed": 1}
    assert approval_lines({**APPROVAL, "envelope": step}, PLAN)[0].startswith("Confirms: step_1 ")


def test_what_people_said_is_shown_and_what_is_owed() -> None:
    decision = {
        "who_name": "ana",
        "decision": "approve",
        "reason": "it burns",
        "at": "2026-01-01T00:00:00.000Z",
        "break_glass": True,
    }
    said = {**APPROVAL, "decisions": [decision]}
    assert decision_lines(said) == [
        "Decided:  approve by ana without a second person at 2026-01-01T00:00:00.000Z: it burns",
        "Owes a review: opsconductor approvals review appr_1 --reason WHY",
    ]
    review = {**decision, "who_name": "ben", "decision": "reject", "reason": "it did not burn"}
    assert decision_lines({**said, "review": review})[1].startswith("Reviewed: ben disagrees at ")


def test_a_web_request_is_shown_as_it_would_be_sent_and_a_missing_credential_is_said() -> None:
    step = {**PLAN["steps"][0], "connector": "http", "request": {"http": {"method": "GET", "url": "http://a.example/"}}}
    bound = {**APPROVAL["envelope"]["steps"][0], "credential_ref": ""}
    approval = {**APPROVAL, "envelope": {**APPROVAL["envelope"], "steps": [bound]}}
    text = "\n".join(approval_lines(approval, {**PLAN, "steps": [step]}))
    assert 'over http: {"method": "GET", "url": "http://a.example/"}' in text
    assert "credential: none" in text
