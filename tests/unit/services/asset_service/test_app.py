import asyncio
import json

import httpx2
import pytest

from opsconductor.domain.errors import Unavailable
from opsconductor.services.asset_service.app import AssetService
from opsconductor.services.asset_service.running import running_service
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.testing.doubles.asset_store.in_memory import open_asset_store
from tests.unit.services.asset_service.conftest import HOME, Served

COUNT = {"query_type": "count", "filters": {}}


def is_problem(response: httpx2.Response, status: int, code: str) -> dict[str, object]:
    document: dict[str, object] = response.json()
    assert (response.status_code, document["status"], document["code"]) == (status, status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "detail", "next_step"} <= set(document)
    assert "Traceback" not in response.text
    return document


async def test_the_first_question_has_the_answer_of_the_seed(served: Served) -> None:
    response = await served.post("/query", COUNT)
    assert response.json() == {"success": True, "total_count": 6, "breakdown": {"windows_workstation": 6}}
    assert list(response.json()) == ["success", "total_count", "breakdown"]
    assert response.headers["OpsConductor-Home"] == HOME


@pytest.mark.parametrize("query_type", ["list", "show", "search", "group"])
async def test_other_queries_carry_assets(served: Served, query_type: str) -> None:
    answer = (await served.post("/query", {"query_type": query_type, "text": "ws-0", "limit": 2})).json()
    assert (answer["success"], answer["total_count"]) == (True, 6)
    assert [asset["name"] for asset in answer["assets"]] == ["WS-01", "WS-02"]
    assert "connection" not in answer["assets"][0]


@pytest.mark.parametrize("number", [0, 1, 100, 101])
async def test_counts_are_exact_whatever_the_page(number: int) -> None:
    store = open_asset_store()
    template = seed_assets("default")[0].__class__
    assets = [
        template(asset_id=f"asset_{n}", tenant="default", name=f"h-{n}", type="server", source="csv", source_id=str(n))
        for n in range(number)
    ]
    await store.put_assets("default", "csv", assets, retire_missing=False, dry_run=False, actor="test")
    async with (
        running_service(AssetService(store, {"t": "default"}.get, HOME)) as running,
        httpx2.AsyncClient(base_url=running.base_url, trust_env=False, headers={"Authorization": "Bearer t"}) as client,
    ):
        count = (await client.post("/query", json=COUNT)).json()
        assert count["total_count"] == sum(count["breakdown"].values()) == number
        listed = (await client.post("/query", json={"query_type": "list"})).json()
        assert (listed["total_count"], len(listed["assets"])) == (number, min(number, 100))


async def test_a_tenant_sees_its_own_assets_only(served: Served) -> None:
    other = {"Authorization": "Bearer token-b"}
    count = await served.client.post("/query", json=COUNT, headers=other)
    assert count.json()["breakdown"] == {"linux_server": 1}
    asked = {"texts": ["secret-host", "10.9.9.9", "secret-hosts", "WS-01"]}
    ours = (await served.post("/resolve", asked)).json()["mentions"]
    assert [mention["text"] for mention in ours] == ["WS-01"]
    theirs = (await served.client.post("/resolve", json=asked, headers=other)).json()["mentions"]
    assert [mention["text"] for mention in theirs] == ["secret-host", "10.9.9.9", "secret-hosts"]
    secret_id = theirs[0]["matches"][0]["asset_id"]
    assert (await served.post("/assets", {"asset_ids": [secret_id]})).json() == {"assets": []}
    assert "secret" not in (await served.client.get("/vocabulary")).text
    assert "secret" not in (await served.client.get("/assets?limit=1000")).text


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nobody", "Basic token-a", "token-a"])
async def test_without_a_valid_token_nothing_is_told(served: Served, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with httpx2.AsyncClient(base_url=served.base_url, trust_env=False) as client:
        for method, path in (("POST", "/query"), ("POST", "/resolve"), ("GET", "/vocabulary"), ("GET", "/assets")):
            response = await client.request(method, path, headers=headers)
            code = "identity.bad_token" if header == "Bearer nobody" else "identity.required"
            is_problem(response, 401, code)
            assert response.headers["www-authenticate"] == "Bearer"


async def test_tokens_may_be_looked_up_elsewhere() -> None:
    async def verify(token: str) -> str | None:
        await asyncio.sleep(0)
        return "default" if token == "t" else None

    async with (
        running_service(AssetService(open_asset_store(), verify, HOME)) as running,
        httpx2.AsyncClient(base_url=running.base_url, trust_env=False) as client,
    ):
        for token, status in (("t", 200), ("u", 401)):
            headers = {"Authorization": f"Bearer {token}"}
            assert (await client.post("/query", json=COUNT, headers=headers)).status_code == status


async def test_health_tells_whose_service_it_is(served: Served) -> None:
    async with httpx2.AsyncClient(base_url=served.base_url, trust_env=False) as stranger:
        assert (await stranger.get("/healthz")).json() == {"status": "ok", "home_id": HOME, "revision": None}
        is_problem(await stranger.get("/healthz", headers={"Authorization": "Bearer x"}), 401, "identity.bad_token")
    assert (await served.client.get("/healthz")).json() == {"status": "ok", "home_id": HOME, "revision": 1}


async def test_the_vocabulary_is_sent_again_only_when_it_changed(served: Served) -> None:
    first = await served.client.get("/vocabulary")
    assert first.json()["values"]["type"] == ["windows_workstation"]
    tag = {"If-None-Match": first.headers["etag"]}
    same = await served.client.get("/vocabulary", headers=tag)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    await served.store.put_assets(
        "default", "seed", seed_assets("default")[:1], retire_missing=True, dry_run=False, actor="test"
    )
    after = await served.client.get("/vocabulary", headers=tag)
    assert (after.status_code, after.json()["revision"]) == (200, first.json()["revision"] + 1)


async def test_whole_assets_come_by_id(served: Served) -> None:
    wanted = [seed_assets("default")[3].asset_id, "asset_unknown", seed_assets("default")[1].asset_id]
    found = (await served.post("/assets", {"asset_ids": wanted})).json()["assets"]
    assert [asset["name"] for asset in found] == ["WS-04", "WS-02"]
    assert {"connection", "attributes", "tenant", "source_id"} <= set(found[0])


async def test_assets_are_listed_by_page_and_filter(served: Served) -> None:
    page = (await served.client.get("/assets?limit=2&offset=1&site=HQ&site=Bern&type=windows_workstation")).json()
    assert (page["total_count"], page["limit"], page["offset"]) == (6, 2, 1)
    assert [asset["name"] for asset in page["assets"]] == ["WS-02", "WS-03"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "request.bad_json"),
        (b"{", 400, "request.bad_json"),
        (b"[]", 422, "request.invalid"),
        (b'{"query_type": "count", "query_type": "list"}', 400, "request.bad_json"),
        (b'{"query_type": "count", "limit": NaN}', 400, "request.bad_json"),
        (b'{"query_type": "count", "limit": 1e999}', 400, "request.bad_json"),
        (b'{"query_type": "\xff"}', 400, "request.bad_json"),
        (b"[" * 60_000, 400, "request.bad_json"),
        (b'{"query_type": "count", "limit": ' + b"9" * 5000 + b"}", 400, "request.bad_json"),
        (b'{"query_type": "search", "text": "\\ud800"}', 422, "request.bad_text"),
        (b'{"query_type": "search", "text": "a\\u0000"}', 422, "request.bad_text"),
        (b'{"query_type": "delete"}', 422, "inventory.bad_query"),
        (b'{"query_type": "count", "filters": {"password": "x"}}', 422, "inventory.bad_query"),
        (b'{"query_type": "count", "filters": {"type": {"$ne": ""}}}', 422, "inventory.bad_query"),
        (b'{"query_type": "count", "filters": {"type": []}}', 422, "inventory.bad_query"),
        (b'{"query_type": "group", "group_by": "tenant"}', 422, "inventory.bad_query"),
        (b'{"query_type": "count", "tenant": "other"}', 422, "request.invalid"),
        (b'{"query_type": "count", "filters": []}', 422, "request.invalid"),
        (b'{"query_type": "list", "limit": 0}', 422, "request.invalid"),
        (b'{"query_type": "list", "limit": 1001}', 422, "request.invalid"),
        (b'{"query_type": "list", "limit": true}', 422, "request.invalid"),
        (b'{"query_type": "list", "offset": -1}', 422, "request.invalid"),
        (b'{"query_type": "search"}', 422, "request.invalid"),
        (b'{"query_type": 7}', 422, "request.invalid"),
        (b"{}", 422, "request.invalid"),
    ],
)
async def test_what_cannot_be_taken_is_told_and_not_guessed(
    served: Served, body: bytes, status: int, code: str
) -> None:
    response = await served.client.post("/query", content=body, headers={"Content-Type": "application/json"})
    is_problem(response, status, code)


async def test_a_body_above_the_limit_is_refused_even_without_a_length(served: Served) -> None:
    big = json.dumps({"query_type": "search", "text": "x" * 70_000}).encode()

    async def pieces() -> object:
        for start in range(0, len(big), 1000):
            yield big[start : start + 1000]

    headers = {"Content-Type": "application/json"}
    is_problem(await served.client.post("/query", content=big, headers=headers), 413, "request.too_large")
    is_problem(await served.client.post("/query", content=pieces(), headers=headers), 413, "request.too_large")  # type: ignore[arg-type]
    assert (await served.post("/query", COUNT)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_only_plain_json_is_read(served: Served, headers: dict[str, str]) -> None:
    response = await served.client.post("/query", content=json.dumps(COUNT), headers=headers)
    is_problem(response, 415, "request.media_type")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/resolve", {"texts": "WS-01"}),
        ("/resolve", {"texts": [1]}),
        ("/resolve", {"texts": ["x"] * 1001}),
        ("/resolve", {"texts": [], "tenant": "other"}),
        ("/resolve", {}),
        ("/assets", {"asset_ids": [None]}),
    ],
)
async def test_lists_of_texts_are_checked(served: Served, path: str, body: object) -> None:
    is_problem(await served.post(path, body), 422, "request.invalid")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=x", "request.invalid"),
        ("limit=1&limit=2", "request.invalid"),
        ("limit=٣", "request.invalid"),
        ("offset=-1", "request.invalid"),
        ("limit=99999999999", "request.invalid"),
        ("colour=red", "inventory.bad_query"),
    ],
)
async def test_wrong_parameters_of_a_list_are_told(served: Served, query: str, code: str) -> None:
    is_problem(await served.client.get(f"/assets?{query}"), 422, code)


async def test_unknown_paths_and_methods_are_problems_too(served: Served) -> None:
    is_problem(await served.client.get("/nothing"), 404, "request.not_found")
    is_problem(await served.client.get("/query/"), 404, "request.not_found")
    is_problem(await served.client.delete("/query"), 405, "request.method")


async def test_a_store_that_fails_is_told_as_such(served: Served) -> None:
    served.store.fail_with = lambda: Unavailable("store.locked", "Another process holds the database.")
    is_problem(await served.post("/query", COUNT), 503, "store.locked")
    served.store.fail_with = None
    assert (await served.post("/query", COUNT)).status_code == 200


async def test_a_mistake_of_ours_has_a_reference_and_no_details(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    served.store.fail_with = lambda: ZeroDivisionError("secret detail")
    document = is_problem(await served.post("/query", COUNT), 500, "internal.fault")
    assert "secret detail" not in json.dumps(document)
    assert str(document["reference"]) in caplog.text
    assert "secret detail" not in caplog.text


async def test_a_client_that_leaves_in_the_middle_disturbs_nobody(served: Served) -> None:
    host, _, port = served.base_url.removeprefix("http://").partition(":")
    for _ in range(5):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /query HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    assert (await served.post("/query", COUNT)).json()["total_count"] == 6


async def test_many_questions_at_once_get_their_own_answers(served: Served) -> None:
    async def ask(number: int) -> tuple[int, int]:
        name = f"WS-0{number % 6 + 1}"
        answer = (await served.post("/query", {"query_type": "list", "filters": {"name": name}})).json()
        return answer["assets"][0]["name"] == name, answer["total_count"]

    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(ask(number)) for number in range(60)]
    assert {task.result() for task in asked} == {(True, 1)}
