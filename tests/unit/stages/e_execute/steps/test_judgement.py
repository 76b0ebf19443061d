"""What one attempt proves, and what it does not."""

from typing import Any

import pytest

from opsconductor.domain.catalogue import Effect, RiskLevel, Tool, ToolRun
from opsconductor.domain.execution import StepError, StepStatus
from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorResult
from opsconductor.stages.e_execute.steps.judgement import ProbeReading, declared_output, judge, settle


def tool(effect: Effect = Effect.IDEMPOTENT, **changes: Any) -> Tool:
    return Tool(
        **{
            "name": "t",
            "version": "1",
            "description": "",
            "platforms": (),
            "effect": effect,
            "risk": RiskLevel.LOW,
            "connector": "ssh",
            "inputs": {},
            "run": ToolRun(),
            "output": {"pid": {"type": "integer"}, "state": {"type": "string"}},
            "estimate_s": 1.0,
            "timeout_class": "fast_read",
            **changes,
        }
    )


OK = ConnectorResult(outcome="done", ok=True)
BAD = ConnectorResult(outcome="done", ok=False, error_code="connector.failed", error="exit 1")
NOT_SENT = ConnectorResult(outcome="not_sent", error_code="connector.unreachable", error="no route")
LOST = ConnectorResult(outcome="unknown", error_code="execution.timed_out", error="no answer")
DONE, NOT_DONE, UNCLEAR = (ProbeReading(verdict=word) for word in ("done", "not_done", "unclear"))


@pytest.mark.parametrize(
    ("effect", "answer", "unmet", "probe", "status"),
    [
        (Effect.READ, OK, "", None, StepStatus.SUCCEEDED),
        (Effect.READ, BAD, "", None, StepStatus.FAILED),
        (Effect.READ, LOST, "", None, StepStatus.FAILED),
        (Effect.READ, OK, "criterion", None, StepStatus.FAILED),
        (Effect.IDEMPOTENT, OK, "", DONE, StepStatus.SUCCEEDED),
        (Effect.IDEMPOTENT, OK, "", NOT_DONE, StepStatus.UNKNOWN),
        (Effect.IDEMPOTENT, OK, "", UNCLEAR, StepStatus.SUCCEEDED),
        (Effect.IDEMPOTENT, NOT_SENT, "", None, StepStatus.FAILED),
        (Effect.IDEMPOTENT, BAD, "", None, StepStatus.UNKNOWN),
        (Effect.IDEMPOTENT, BAD, "", NOT_DONE, StepStatus.FAILED),
        (Effect.IDEMPOTENT, BAD, "", UNCLEAR, StepStatus.UNKNOWN),
        (Effect.IDEMPOTENT, LOST, "", DONE, StepStatus.SUCCEEDED),
        (Effect.IDEMPOTENT, LOST, "", NOT_DONE, StepStatus.UNKNOWN),  # the far side may still act
        (Effect.IDEMPOTENT, LOST, "", UNCLEAR, StepStatus.UNKNOWN),
        (Effect.IRREVERSIBLE, LOST, "", None, StepStatus.UNKNOWN),
        (Effect.IDEMPOTENT, OK, "criterion", NOT_DONE, StepStatus.FAILED),
        (Effect.IDEMPOTENT, OK, "criterion", UNCLEAR, StepStatus.UNKNOWN),
        (Effect.IDEMPOTENT, OK, "criterion", None, StepStatus.UNKNOWN),
    ],
)
def test_an_effect_is_failed_only_when_it_is_proven_not_to_have_happened(
    effect: Effect, answer: ConnectorResult, unmet: str, probe: ProbeReading | None, status: StepStatus
) -> None:
    judged = judge(tool(effect), answer, unmet, probe)
    assert judged.status is status
    assert (judged.error is None) == (status is StepStatus.SUCCEEDED)


def test_without_a_probe_nothing_is_settled() -> None:
    settled = settle(None, StepError(code="execution.interrupted", message="stopped"), ended=True)
    assert settled.status is StepStatus.UNKNOWN
    assert settled.error is not None
    assert settled.error.code == "execution.unknown_outcome"


@pytest.mark.parametrize(
    ("output", "kept", "fault"),
    [
        ({"pid": 1, "state": "up", "extra": "free text"}, {"pid": 1, "state": "up"}, False),
        ({"state": "up"}, {"state": "up"}, False),
        ({"pid": "1"}, None, True),
        ({"pid": True}, None, True),
        (["x"], None, True),
    ],
)
def test_only_declared_fields_of_the_declared_type_are_kept(output: Json, kept: Json, fault: bool) -> None:
    found, words = declared_output(tool(), output)
    assert found == kept
    assert bool(words) is fault


def test_redacted_fields_are_never_kept() -> None:
    found, _ = declared_output(tool(redact=("state",)), {"pid": 1, "state": "hunter2"})
    assert found == {"pid": 1, "state": "[redacted]"}
