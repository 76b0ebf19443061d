"""Over HTTP nobody sees or touches anything of another tenant: what is theirs is answered like what does not exist."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from opsconductor.bootstrap import Engine, open_engine
from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.identity import Identity, Role
from opsconductor.server.app import create_app
from opsconductor.server.credentials import BEARER, Credentials
from opsconductor.server.running_turns import RunningTurns
from opsconductor.settings import load_settings
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.samples import identifier
from opsconductor.testing.contracts.storage.tenants import TENANTS, THEIRS, all_of_theirs, fill, session_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADDRESS = "http://127.0.0.1:3005"
THEIR_TENANT = TENANTS[THEIRS]
HOST = "vault-4711"
ALL_ROLES = frozenset(Role)
THEIR_IDS: Mapping[str, str] = {
    "execution_id": identifier("exec", THEIRS),
    "output_ref": f"ref-{THEIRS}",
    "turn_id": identifier("turn", THEIRS),
    "approval_id": identifier("appr", THEIRS),
}
NOBODYS_IDS: Mapping[str, str] = {
    "execution_id": identifier("exec", 99),
    "output_ref": "ref-99",
    "turn_id": identifier("turn", 99),
    "approval_id": identifier("appr", 99),
}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "/executions/{execution_id}/undo": {"reason": "mine now"},
    "/executions/{execution_id}/cancel": {"reason": "mine now"},
    "/executions/{execution_id}/resolve": {"as": "done", "reason": "mine now"},
    "/approvals/{approval_id}/review": {"reason": "mine now"},
}
LISTS = ("/executions", "/turns", "/approvals", "/reviews", "/assets")
OF_NOBODY = ("/tools", "/tools/{name}", "/healthz", "/readyz", "/metrics")
"""Of the installation, not of a tenant."""
TRIED_APART = ("/pipeline", "/pipeline/execute", "/tools/{name}/level")


@dataclass(frozen=True, kw_only=True)
class Doors:
    """The engine, its paths, and a client who may do everything in a tenant of its own."""

    engine: Engine
    paths: Mapping[str, Mapping[str, Any]]
    http: httpx2.AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    home = tmp_path_factory.mktemp("doors") / "home"
    async with open_engine(load_settings({"home": str(home)})) as engine, asyncio.TaskGroup() as tasks:
        await fill(engine.storage, THEIRS, THEIR_TENANT)
        theirs = Asset(
            asset_id="asset_theirs",
            tenant=THEIR_TENANT,
            name=HOST,
            type="linux_server",
            platform="linux",
            ip="10.77.0.1",
            services=(AssetService(name="billing", port=8080),),
            source="test",
            source_id=HOST,
        )
        await engine.asset_store.put_assets(
            THEIR_TENANT, "test", (theirs,), retire_missing=False, dry_run=False, actor="test"
        )
        me = Identity(identity_id="idn_me", tenant="default", name="me", roles=ALL_ROLES)
        unit = engine.storage.begin()
        unit.add_identity(me)
        await unit.commit()
        credentials = Credentials(engine.storage, engine.clock, engine.ids)
        _, secret = await credentials.create(me, kind=BEARER, label="t", lifetime_s=None, actor="idn_me")
        app = create_app(engine, RunningTurns(engine, engine.storage, tasks), address=ADDRESS, seen=lambda seen: None)
        transport = httpx2.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer {secret}"}
        async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers) as http:
            yield Doors(engine=engine, paths=app.openapi()["paths"], http=http)


def operations(doors: Doors) -> list[tuple[str, str]]:
    return [(method, path) for path, methods in doors.paths.items() for method in methods]


def traces(answer: httpx2.Response) -> set[str]:
    """What only the other tenant has, but for the ids that the request itself named."""
    named = re.compile("|".join(re.escape(one) for one in (*THEIR_IDS.values(), session_of(THEIRS), HOST)))
    told = named.sub("", answer.text)
    marks = (THEIR_TENANT, f"{THEIRS:012x}", f"person-{THEIRS}", "10.77.0.1", "asset_theirs", samples.HASH)
    return {mark for mark in marks if mark in told}


async def test_every_path_is_tried(doors: Doors) -> None:
    with_ids = {path for path in doors.paths if set(re.findall(r"{(\w+)}", path)) & set(THEIR_IDS)}
    assert set(doors.paths) == with_ids | {*LISTS, *OF_NOBODY, *TRIED_APART}


async def test_what_belongs_to_another_tenant_is_answered_like_what_does_not_exist(doors: Doors) -> None:
    before = await all_of_theirs(doors.engine.storage)
    tried = 0
    for method, path in operations(doors):
        if path in (*LISTS, *OF_NOBODY, *TRIED_APART):
            continue
        body = BODIES[path] if method == "post" else None
        theirs = await doors.http.request(method.upper(), path.format(**THEIR_IDS), json=body)
        nobodys = await doors.http.request(method.upper(), path.format(**NOBODYS_IDS), json=body)
        assert (theirs.status_code, _code(theirs)) == (nobodys.status_code, _code(nobodys)), path
        assert theirs.status_code == 404 or _code(theirs).endswith("not_found"), (path, theirs.text)
        assert not traces(theirs), (path, theirs.text)
        tried += 1
    assert tried >= 10
    assert await all_of_theirs(doors.engine.storage) == before


async def test_no_list_holds_anything_of_another_tenant(doors: Doors) -> None:
    for path in LISTS:
        for query in ("", f"?session_id={session_of(THEIRS)}", "?limit=200"):
            answer = await doors.http.get(path + query)
            assert not traces(answer), (path, answer.text)
            assert HOST not in answer.text


@pytest.mark.parametrize("decision", ["approve", "reject", "request_changes", "edit"])
async def test_an_approval_of_another_tenant_is_not_decided(doors: Doors, decision: str) -> None:
    before = await all_of_theirs(doors.engine.storage)
    told = []
    for approval_id in (THEIR_IDS["approval_id"], NOBODYS_IDS["approval_id"]):
        order = {
            "approval_id": approval_id,
            "plan_hash": samples.HASH,
            "decision": decision,
            "reason": "mine now",
            "changes": {"step_1": {"service": "x"}} if decision == "edit" else {},
        }
        answer = await doors.http.post("/pipeline/execute", json=order)
        assert not traces(answer), answer.text
        told.append((answer.status_code, _code(answer)))
    assert told[0] == told[1]
    assert told[0][1] == "approval.not_found"
    assert await all_of_theirs(doors.engine.storage) == before


@pytest.mark.parametrize(
    "words",
    [
        *(f"what is {HOST}", f"restart billing on {HOST}", "how many assets do we have", "which hosts run billing"),
        *(
            "what did we do last time?",
            f"is billing running on {HOST}?",
            "what is at 10.77.0.1",
            "list all linux servers",
        ),
    ],
)
async def test_no_words_bring_anything_of_another_tenant(doors: Doors, words: str) -> None:
    before = await all_of_theirs(doors.engine.storage)
    for session in (None, session_of(THEIRS)):
        order = {"request": words} if session is None else {"request": words, "session_id": session}
        answer = await doors.http.post("/pipeline", json=order)
        marks = traces(answer) - ({"10.77.0.1"} if "10.77.0.1" in words else set())
        assert not marks, answer.text
    assert await all_of_theirs(doors.engine.storage) == before


async def test_the_level_of_a_call_on_a_host_of_another_tenant_is_not_told(doors: Doors) -> None:
    answers = [await doors.http.get(f"/tools/service-restart/level?target={name}") for name in (HOST, "no-such-host")]
    assert answers[0].status_code == answers[1].status_code
    assert _code(answers[0]) == _code(answers[1]) == "gate.no_target_matched"
    assert not traces(answers[0])


def _code(answer: httpx2.Response) -> str:
    """The code of a problem, or of a reply that tells why nothing was done."""
    document = answer.json()
    return str(document.get("code") or (document.get("error") or {}).get("code"))
