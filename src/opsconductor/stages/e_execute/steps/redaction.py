"""What must never be shown, taken out of everything that came back before anything else sees it.

Two things are: the very values that were used for the call, and whatever its own form or name gives away as a secret.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.json_value import Json
from opsconductor.domain.secret_forms import may_hold_secrets, names_a_secret, without_secret_forms
from opsconductor.ports.connector import ConnectorResult

REDACTED = "[redacted]"
SHORTEST_LINE = 8  # a shorter line of a credential is no secret, and would hide half of what came back


def secret_values(inputs: Mapping[str, Json], redact: Sequence[str], credential: bytes = b"") -> tuple[str, ...]:
    """The texts that stand for secrets: redacted inputs, the credential and each of its lines; longest first."""
    if not redact and not credential:
        return ()
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


def without_forms(value: Json) -> Json:
    """`value` without tokens, keys and passwords that were not known beforehand, in texts, keys and named fields."""
    return _unformed(value) if _may_give_away(value) else value


def answer_without(answer: ConnectorResult, secrets: Sequence[str]) -> ConnectorResult:
    """The connector's answer as it may be judged, recorded and shown."""
    if not secrets and not _may_give_away([answer.output, answer.request, answer.response, answer.error]):
        return answer

    def clean(value: Json) -> Json:
        return without_forms(without(value, secrets))

    return replace(
        answer,
        output=clean(answer.output),
        request={key: clean(item) for key, item in answer.request.items()},
        response={key: clean(item) for key, item in answer.response.items()},
        error=str(without_forms(_without_cut(str(without(answer.error, secrets)), secrets))),
    )


def error_without(error: OpsConductorError, secrets: Sequence[str]) -> OpsConductorError:
    """The same error with words that may be told."""
    facts = {key: without_forms(without(item, secrets)) for key, item in error.facts.items()}
    words = str(without_forms(without(error.message, secrets)))
    return type(error)(error.code, words, next_step=error.next_step, **facts)


def _may_give_away(value: Json) -> bool:
    return may_hold_secrets(_readable(value))


_readable = json.JSONEncoder(ensure_ascii=False).encode


def _without_cut(text: str, secrets: Sequence[str]) -> str:
    """`text` without the beginning of a secret at its end: what a host wrote is cut before it comes here."""
    for secret in secrets:
        for length in range(min(len(secret), len(text)), SHORTEST_LINE - 1, -1):
            if text.endswith(secret[:length]):
                return text[:-length] + REDACTED
    return text


def _unformed(value: Json, name: str = "") -> Json:
    if isinstance(value, str):
        return REDACTED if value and names_a_secret(name) else without_secret_forms(value, REDACTED)
    if isinstance(value, Mapping):
        return {without_secret_forms(str(key), REDACTED): _unformed(item, str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_unformed(item, name) for item in value]
    return value


def _tells_something(line: str) -> bool:
    return len(line) >= SHORTEST_LINE and not line.startswith("-----")
