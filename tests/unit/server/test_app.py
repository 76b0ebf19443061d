from collections.abc import Callable
from typing import Any

import pytest

from opsconductor.domain.error_codes import CODES
from opsconductor.server.app import api_reference
from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATHS = {
    "/pipeline": {"post"},
    "/pipeline/execute": {"post"},
    "/executions": {"get"},
    "/executions/{execution_id}": {"get"},
    "/executions/{execution_id}/commands": {"get"},
    "/executions/{execution_id}/outputs/{output_ref}": {"get"},
    "/executions/{execution_id}/cancel": {"post"},
    "/executions/{execution_id}/resolve": {"post"},
    "/turns": {"get"},
    "/executions/{execution_id}/undo": {"post"},
    "/turns/{turn_id}": {"get"},
    "/turns/{turn_id}/replay": {"get"},
    "/approvals": {"get"},
    "/approvals/{approval_id}": {"get"},
    "/approvals/{approval_id}/review": {"post"},
    "/reviews": {"get"},
    "/assets": {"get"},
    "/tools": {"get"},
    "/tools/{name}": {"get"},
    "/tools/{name}/level": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}
Told = Callable[[Any], tuple[int, str]]


async def test_the_reference_lists_exactly_what_there_is(door: Door) -> None:
    document = (await door.http().get("/openapi.json")).json()
    assert {path: set(item) for path, item in document["paths"].items()} == PATHS


async def test_every_reference_inside_the_document_leads_somewhere(door: Door) -> None:
    document = api_reference(door.app)
    schemas = document["components"]["schemas"]

    def check(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                assert value["$ref"].removeprefix("#/components/schemas/") in schemas
            for part in value.values():
                check(part)
        elif isinstance(value, list):
            for part in value:
                check(part)

    check(document)
    assert document["components"]["securitySchemes"]["cookie"]["name"].startswith("opsconductor_")


async def test_every_documented_problem_status_has_a_code_of_ours(door: Door) -> None:
    known = {str(code.status) for code in CODES.values()}
    for item in api_reference(door.app)["paths"].values():
        for operation in item.values():
            assert {status for status in operation["responses"] if status >= "400"} <= known | {"422"}


async def test_an_unknown_path_and_a_wrong_method_are_problems(door: Door, problem_of: Told) -> None:
    http = door.http()
    for path in ("/nope", "/api/x", "/docs", "/redoc", "/jobs", "/jobs/1", "/turns/", "/executions/x/retry"):
        assert problem_of(await http.get(path)) == (404, "request.not_found"), path
    for method, path in (("GET", "/pipeline"), ("PUT", "/turns"), ("HEAD", "/healthz"), ("OPTIONS", "/pipeline")):
        response = await http.request(method, path)
        assert (response.status_code, bool(response.headers["allow"])) == (405, True)


async def test_a_parameter_that_does_not_fit_is_named(door: Door, problem_of: Told) -> None:
    http = await door.as_()
    for path in ("/turns?limit=0", "/executions?limit=x", "/approvals?limit=99999999999999999999"):
        response = await http.get(path)
        assert problem_of(response) == (422, "request.invalid")
        assert response.json()["field"] == "limit"


async def test_what_was_answered_is_seen_and_counted(door: Door) -> None:
    await door.http().get("/healthz")
    assert door.seen[-1].route == "/healthz"
    assert 'route="/healthz"' in door.app.state.metrics.text().decode()
