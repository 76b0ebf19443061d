"""The API keeps what its reference says, whatever is sent: no 5xx, no hang, only documented answers."""

from typing import Any

import httpx2
import hypothesis
import pytest
import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests.service.conftest import Server

EXAMPLES = 40
SLOWEST_S = 2.0
READS = ["/executions", "/executions/{execution_id}", "/turns", "/turns/{turn_id}", "/approvals"]
READS += ["/approvals/{approval_id}", "/assets", "/tools", "/tools/{name}", "/tools/{name}/level", "/reviews"]
READS += ["/executions/{execution_id}/commands", "/executions/{execution_id}/outputs/{output_ref}"]
READS += ["/turns/{turn_id}/replay"]
OPEN = ["/healthz", "/readyz", "/metrics"]
POSTS = ["/pipeline", "/pipeline/execute", "/approvals/{approval_id}/review"]
POSTS += [f"/executions/{{execution_id}}/{order}" for order in ("cancel", "resolve", "undo")]
WITH_INPUT = [("POST", path) for path in POSTS] + [
    ("GET", path) for path in READS if path not in ("/tools", "/reviews")
]
OPERATIONS = [("POST", path) for path in POSTS] + [("GET", path) for path in READS + OPEN]
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
BOUNDED = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.fixture(scope="module")
def reference(server: Server) -> Any:
    """The API reference of the running server."""
    return schemathesis.openapi.from_url(f"{server.address}/openapi.json")


def try_out(reference: Any, http: httpx2.Client, method: str, path: str, mode: GenerationMode) -> None:
    """Send generated requests, each of which must get a documented answer in time."""
    headers = {"Authorization": http.headers["authorization"]}

    @BOUNDED
    @hypothesis.given(case=reference[path][method].as_strategy(generation_mode=mode))
    def answered(case: Any) -> None:
        response = case.call(headers=headers, timeout=10)
        assert response.elapsed < SLOWEST_S, f"{method} {path} took {response.elapsed} s"
        case.validate_response(response, checks=CHECKS)

    answered()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_fits_the_reference_gets_a_documented_answer(
    reference: Any, http: httpx2.Client, method: str, path: str
) -> None:
    try_out(reference, http, method, path, GenerationMode.POSITIVE)


@pytest.mark.parametrize(("method", "path"), WITH_INPUT)
def test_what_does_not_fit_gets_a_documented_answer_too(
    reference: Any, http: httpx2.Client, method: str, path: str
) -> None:
    try_out(reference, http, method, path, GenerationMode.NEGATIVE)


def test_nothing_of_the_reference_is_left_out(reference: Any) -> None:
    found = {(operation.ok().method.upper(), operation.ok().path) for operation in reference.get_all_operations()}
    assert found == set(OPERATIONS)
