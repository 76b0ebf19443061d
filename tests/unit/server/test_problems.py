import json

import pytest

from opsconductor.domain.errors import BadInput, Refused, Unavailable
from opsconductor.server.problems import document, internal_fault, problem, refused_by_routing


def test_a_problem_names_code_next_step_and_where_it_was_met() -> None:
    told = document(BadInput("request.empty", "The message is empty."), "/pipeline")
    assert told == {
        "type": "urn:opsconductor:error:request.empty",
        "title": "What was sent cannot be taken as it is.",
        "status": 422,
        "detail": "The message is empty.",
        "instance": "/pipeline",
        "code": "request.empty",
        "next_step": "Write a question or an order, for example: How many assets do we have?",
    }


def test_facts_stand_beside_the_members_and_never_replace_them() -> None:
    told = document(Unavailable("server.port_in_use", "Port 1.", port=1, detail="other"), "/x")
    assert (told["port"], told["detail"]) == (1, "Port 1.")


def test_a_response_is_a_problem_document_with_the_codes_status() -> None:
    response = problem(Refused("rights.denied", "Needs the rôle admin."), "/tools", {"Allow": "GET"})
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["allow"] == "GET"
    assert json.loads(bytes(response.body))["detail"] == "Needs the rôle admin."


def test_who_is_unknown_is_told_how_to_say_it_and_a_large_body_ends_the_connection() -> None:
    assert problem(Refused("identity.required", "Who?"), "/").headers["www-authenticate"] == "Bearer"
    assert problem(BadInput("request.too_large", "Large."), "/").headers["connection"] == "close"
    assert "connection" not in problem(BadInput("request.empty", "Empty."), "/").headers


def test_half_a_character_pair_does_not_break_the_document() -> None:
    body = bytes(problem(BadInput("request.bad_text", "It holds \ud800."), "/").body)
    assert json.loads(body)["detail"] == "It holds \ud800."


def test_a_fault_of_ours_gives_its_reference_and_nothing_else() -> None:
    fault = internal_fault("fault_1")
    assert (fault.code, fault.facts, fault.message) == (
        "internal.fault",
        {"reference": "fault_1"},
        "The server met a fault (reference fault_1).",
    )


@pytest.mark.parametrize(("status", "code"), [(404, "request.not_found"), (405, "request.method")])
def test_what_the_router_refuses_has_a_code(status: int, code: str) -> None:
    assert refused_by_routing(status, "PUT", "/turns").code == code
