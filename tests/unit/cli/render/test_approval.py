from typing import Any

from opsconductor.cli.render.approval import approval_lines, decide_commands

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


def test_a_step_that_the_plan_does_not_describe_is_shown_all_the_same() -> None:
    text = "\n".join(approval_lines(APPROVAL, {**PLAN, "steps": [], "predicted_changes": [], "risk_reasons": []}))
    assert "Step 1:   service-restart" in text
    assert "asset_1, asset_2" in text
    assert "sends:    not recorded" in text
    assert "none predicted" in text


def test_the_next_commands_name_the_approval() -> None:
    assert all("appr_1" in line for line in decide_commands("appr_1"))
    assert [line.split()[-4] for line in decide_commands("appr_1")[1:2]] == ["opsconductor"]


def test_a_web_request_is_shown_as_it_would_be_sent_and_a_missing_credential_is_said() -> None:
    step = {**PLAN["steps"][0], "connector": "http", "request": {"http": {"method": "GET", "url": "http://a.example/"}}}
    bound = {**APPROVAL["envelope"]["steps"][0], "credential_ref": ""}
    approval = {**APPROVAL, "envelope": {**APPROVAL["envelope"], "steps": [bound]}}
    text = "\n".join(approval_lines(approval, {**PLAN, "steps": [step]}))
    assert 'over http: {"method": "GET", "url": "http://a.example/"}' in text
    assert "credential: none" in text
