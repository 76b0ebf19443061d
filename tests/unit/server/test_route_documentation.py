from opsconductor.server.route_documentation import IDEMPOTENCY_HEADER, body_of, problems_of
from opsconductor.server.schemas import ExecuteRequest


def test_a_body_that_we_read_ourselves_is_described_by_its_model() -> None:
    described = body_of(ExecuteRequest, IDEMPOTENCY_HEADER)
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["approval_id", "plan_hash", "decision"]
    assert schema["additionalProperties"] is False
    assert [one["name"] for one in described["parameters"]] == ["Idempotency-Key"]


def test_problems_are_described_with_their_media_type() -> None:
    described = problems_of(404, 422)
    assert list(described) == [404, 422]
    assert described[404]["description"] == "Not Found"
    assert list(described[404]["content"]) == ["application/problem+json"]
