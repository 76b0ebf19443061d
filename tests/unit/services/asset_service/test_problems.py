import json

from opsconductor.domain.errors import BadInput, Refused
from opsconductor.services.asset_service.problems import fault, problem


def test_a_problem_tells_code_status_and_next_step() -> None:
    response = problem(BadInput("inventory.bad_query", "There is no field 'x'.", field="x"))
    document = json.loads(bytes(response.body))
    assert document == {
        "type": "urn:opsconductor:error:inventory.bad_query",
        "title": "What was sent cannot be taken as it is.",
        "status": 422,
        "detail": "There is no field 'x'.",
        "code": "inventory.bad_query",
        "next_step": "Use the fields and query types that /query names.",
        "field": "x",
    }
    assert response.status_code == 422


def test_facts_do_not_hide_the_members_of_the_standard() -> None:
    document = json.loads(bytes(problem(BadInput("request.invalid", "Wrong.", status=200, type="x")).body))
    assert (document["status"], document["type"]) == (422, "urn:opsconductor:error:request.invalid")


def test_who_must_sign_in_is_told_how() -> None:
    assert problem(Refused("identity.required", "No token.")).headers["www-authenticate"] == "Bearer"


def test_text_that_is_no_unicode_does_not_break_it() -> None:
    assert problem(BadInput("request.invalid", "\ud800")).status_code == 422


def test_a_fault_names_its_reference_only() -> None:
    document = json.loads(bytes(fault(ZeroDivisionError("secret"), "x").body))
    assert document["code"] == "internal.fault"
    assert document["reference"] in document["detail"]
    assert "secret" not in json.dumps(document)


def test_a_fault_is_kept_by_the_reporter_under_its_reference() -> None:
    kept: list[tuple[BaseException, str]] = []

    class Kept:
        def report(self, fault: BaseException, subject: str) -> str:
            kept.append((fault, subject))
            return "fault_7"

    error = ZeroDivisionError("secret")
    assert json.loads(bytes(fault(error, "asset_service /query", Kept()).body))["reference"] == "fault_7"
    assert kept == [(error, "asset_service /query")]
