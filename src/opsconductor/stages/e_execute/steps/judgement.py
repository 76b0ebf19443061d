"""Pure decisions about one attempt: what the connector's answer, the criteria and the probe together prove."""

from collections.abc import Mapping
from dataclasses import dataclass

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.execution import StepError, StepStatus
from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorResult

SEEN = "Reading back showed that it happened."
NOT_SEEN = "Reading back showed that it did not happen."


@dataclass(frozen=True, kw_only=True)
class ProbeReading:
    """What reading back showed. `verdict`: done | not_done | unclear."""

    verdict: str
    after: Json = None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The status an attempt earned, and why when it is not success."""

    status: StepStatus
    error: StepError | None = None
    note: str = ""
    read_back: bool = False  # only the probe's reading shows it, not the far side's own word


def judge(tool: Tool, answer: ConnectorResult, unmet: str, probe: ProbeReading | None) -> Judgement:
    """Status of one attempt. `unmet` words the first success criterion that does not hold, or is empty."""
    if answer.outcome == "done" and answer.ok and not unmet:
        return _contradicted() if probe is not None and probe.verdict == "not_done" else _SUCCEEDED
    error = StepError(
        code=answer.error_code or "execution.criteria_not_met",
        message=answer.error or unmet or "The far side did not report success.",
    )
    if tool.effect is Effect.READ or answer.outcome == "not_sent":
        return Judgement(status=StepStatus.FAILED, error=error)
    return settle(probe, error, ended=answer.outcome == "done")


_SUCCEEDED = Judgement(status=StepStatus.SUCCEEDED)


def _contradicted() -> Judgement:
    words = "The far side reported success, but reading back shows that it did not happen; the outcome is unknown."
    return Judgement(status=StepStatus.UNKNOWN, error=StepError(code="execution.unknown_outcome", message=words))


def settle(probe: ProbeReading | None, error: StepError, *, ended: bool) -> Judgement:
    """An effect whose success is not shown: the probe decides, and without its proof the outcome is unknown.

    `ended` tells that the far side is known to be through with it; until then "not done" may only mean "not yet".
    """
    if probe is not None and probe.verdict == "not_done" and ended:
        return Judgement(status=StepStatus.FAILED, error=error, note=NOT_SEEN, read_back=True)
    if probe is not None and probe.verdict == "done":
        return Judgement(status=StepStatus.SUCCEEDED, note=SEEN, read_back=True)
    unknown = StepError(
        code="execution.unknown_outcome",
        message=f"{error.message.rstrip('.')}; whether it happened is unknown: {_why_unknown(probe)}.",
    )
    return Judgement(status=StepStatus.UNKNOWN, error=unknown)


def _why_unknown(probe: ProbeReading | None) -> str:
    if probe is None:
        return "this tool has no way to read back"
    if probe.verdict == "not_done":
        return "reading back showed nothing yet, and it may still be under way"
    return "reading back gave no proof"


def declared_output(tool: Tool, output: Json) -> tuple[Json, str]:
    """Only the declared fields, redacted where the tool says so; a wrong type is a fault in words."""
    if not tool.output:
        return None, ""
    if not isinstance(output, Mapping):
        return None, "The output is not an object."
    kept: dict[str, Json] = {}
    for name, spec in tool.output.items():
        value = output.get(name)
        if value is None:
            continue
        if not _fits(value, str(spec.get("type", ""))):
            return None, f"The output field {name} is not a {spec.get('type')}."
        kept[name] = "[redacted]" if name in tool.redact else value
    return kept, ""


def _fits(value: Json, kind: str) -> bool:
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "object":
        return isinstance(value, Mapping)
    if kind == "array":
        return isinstance(value, (list, tuple))
    return isinstance(value, str)
