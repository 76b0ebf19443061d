"""What must never be shown, taken out of everything that came back before anything else sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorResult

REDACTED = "[redacted]"
SHORTEST_LINE = 8  # a shorter line of a credential is no secret, and would hide half of what came back


def secret_values(inputs: Mapping[str, Json], redact: Sequence[str], credential: bytes = b"") -> tuple[str, ...]:
    """The texts that stand for secrets: redacted inputs, the credential and each of its lines; longest first."""
    texts = {str(inputs[name]) for name in redact if inputs.get(name) is not None}
    held = credential.decode("utf-8", "replace").strip()
    texts |= {held} | {line.strip() for line in held.splitlines() if _tells_something(line.strip())}
    texts |= {quote(text, safe="") for text in texts}
    return tuple(sorted(texts - {""}, key=lambda text: (-len(text), text)))


def without(value: Json, secrets: Sequence[str]) -> Json:
    """`value` with every secret in it replaced, in keys too; a number that is a secret is replaced whole."""
    if not secrets or value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, REDACTED)
        return value
    if isinstance(value, Mapping):
        return {str(without(key, secrets)): without(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without(item, secrets) for item in value]
    return REDACTED if str(value) in secrets else value


def answer_without(answer: ConnectorResult, secrets: Sequence[str]) -> ConnectorResult:
    """The connector's answer as it may be judged, recorded and shown."""
    if not secrets:
        return answer
    return replace(
        answer,
        output=without(answer.output, secrets),
        request={key: without(item, secrets) for key, item in answer.request.items()},
        response={key: without(item, secrets) for key, item in answer.response.items()},
        error=str(without(answer.error, secrets)),
    )


def _tells_something(line: str) -> bool:
    return len(line) >= SHORTEST_LINE and not line.startswith("-----")
