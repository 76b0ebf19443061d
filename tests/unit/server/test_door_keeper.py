import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from opsconductor.domain.errors import OpsConductorError, Unavailable
from opsconductor.server.door_keeper import SECURITY_HEADERS, DoorKeeper, Seen, is_from_own_page


async def fine(request: Request) -> Response:
    return PlainTextResponse(request.state.request_id)


async def broken(request: Request) -> Response:
    raise ValueError("opsc_secret in the words of a fault")


async def refused(request: Request) -> Response:
    raise Unavailable("store.locked", "Locked.")


async def broken_later(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one"
        raise ValueError("late")

    return StreamingResponse(parts())


class Door:
    """The keeper before a small application, with what it saw."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.faults: list[tuple[str, str]] = []
        routes = [
            Route("/fine/{part}", fine, methods=["GET", "POST"]),
            Route("/broken", broken),
            Route("/broken-later", broken_later),
            Route("/refused", refused),
        ]
        self.keeper = DoorKeeper(
            Router(routes=routes),
            hosts=frozenset({"ops.example"}),
            new_id=lambda: "req_1",
            report=self._report,
            seen=self.seen.append,
        )
        self.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.keeper), base_url="http://localhost:3005"
        )

    def _report(self, fault: BaseException, subject: str) -> str:
        self.faults.append((type(fault).__name__, subject))
        return "fault_1"


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door()
    async with door.http:
        yield door


async def test_every_response_carries_the_security_headers_and_an_id(door: Door) -> None:
    response = await door.http.get("/fine/1")
    assert {name: response.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert response.headers["x-request-id"] == response.text == "req_1"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("given", "taken"), [("abc-1.2_X", "abc-1.2_X"), ("a b", "req_1"), ("x" * 65, "req_1")])
async def test_a_clients_own_request_id_is_taken_if_it_is_harmless(door: Door, given: str, taken: str) -> None:
    assert (await door.http.get("/fine/1", headers={"X-Request-Id": given})).headers["x-request-id"] == taken


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:3005", "127.0.0.1:1", "[::1]:3005", "ops.example", "Ops.Example:80"]
)
async def test_loopback_names_and_the_configured_host_may_be_called(door: Door, host: str) -> None:
    assert (await door.http.get("/fine/1", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost:x", "", "localhost@evil", "[::2]"]
)
async def test_another_host_is_misdirected(door: Door, host: str) -> None:
    response = await door.http.get("/fine/1", headers={"Host": host})
    assert (response.status_code, response.json()["code"]) == (421, "request.host")


async def test_two_hosts_are_one_too_many(door: Door) -> None:
    response = await door.http.get("/fine/1", headers=[("Host", "localhost"), ("Host", "localhost")])
    assert response.status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3006"},
        {"Origin": "ftp://localhost:3005"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_sites_page_may_not_ask_for_changes(door: Door, headers: dict[str, str]) -> None:
    response = await door.http.post("/fine/1", headers=headers, content=b"{}")
    assert (response.status_code, response.json()["code"]) == (403, "request.origin")
    assert (await door.http.get("/fine/1", headers=headers)).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost:3005"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_programs_and_the_own_page_may(door: Door, headers: dict[str, str]) -> None:
    assert (await door.http.post("/fine/1", headers=headers)).status_code == 200


async def test_a_body_that_announces_too_much_is_not_read(door: Door) -> None:
    response = await door.http.post("/fine/1", headers={"Content-Length": str(64 * 1024 + 1)})
    assert (response.status_code, response.json()["code"]) == (413, "request.too_large")
    assert (await door.http.post("/fine/1", content=b"x" * 64 * 1024)).status_code == 200


async def test_a_fault_is_reported_and_told_by_its_reference_only(door: Door) -> None:
    response = await door.http.get("/broken")
    assert (response.status_code, response.json()["reference"]) == (500, "fault_1")
    assert "opsc_secret" not in response.text
    assert door.faults == [("ValueError", "req_1")]
    assert [(one.status, one.fault) for one in door.seen] == [(500, "fault_1")]


async def test_a_fault_after_the_answer_began_is_reported_too(door: Door) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "asgi": {"spec_version": "2.4"}, "method": "GET", "path": "/broken-later", "state": {}}
    await door.keeper({**scope, "headers": [(b"host", b"localhost")]}, receive, send)
    assert [message.get("status", message.get("body")) for message in sent] == [200, b"one"]
    assert door.faults == [("ValueError", "req_1")]


async def test_our_own_errors_become_problems(door: Door) -> None:
    response = await door.http.get("/refused")
    assert (response.status_code, response.json()["code"]) == (503, "store.locked")
    assert not door.faults


async def test_what_was_seen_names_the_route_and_leaves_the_query_out(door: Door) -> None:
    await door.http.get("/fine/2?token=opsc_x")
    seen = door.seen[0]
    assert (seen.method, seen.path, seen.status, seen.request_id) == ("GET", "/fine/2", 200, "req_1")
    assert "opsc_x" not in json.dumps(seen.__dict__)
    assert seen.seconds >= 0


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"host": "a:1", "origin": "http://a:1"}, True),
        ({"host": "a:1", "origin": "http://b:1", "sec-fetch-site": "same-origin"}, False),
        ({"host": "a:1", "sec-fetch-site": "same-origin"}, True),
        ({"host": "a:1", "sec-fetch-site": "none"}, False),
        ({"host": "a:1"}, False),
    ],
)
def test_a_browser_says_from_which_page_it_asks(headers: dict[str, str], own: bool) -> None:
    from starlette.datastructures import Headers

    assert is_from_own_page(Headers(headers)) is own


def test_an_error_code_of_the_door_exists() -> None:
    assert OpsConductorError("request.origin", "x").spec.status == 403
