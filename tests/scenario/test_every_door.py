"""Every way into the engine, found in the code and tried: none leads to an effect that nobody has approved.

A door that is not listed here fails until somebody has said what it does and how it is tried.
"""

import asyncio
import inspect
import os
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import typer
from fastapi.routing import APIRoute

from opsconductor.bootstrap import Engine
from opsconductor.cli.application import create_application
from opsconductor.cli.client import Client
from opsconductor.cli.in_process import InProcessClient
from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.identity import Identity
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.domain.turn import ApprovalAnswer, Trigger, TurnInput, TurnReply
from opsconductor.server.administration import Administration
from opsconductor.server.app import create_app
from opsconductor.server.credentials import BEARER, Credentials
from opsconductor.server.desk import Desk
from opsconductor.server.import_order import ImportOrder
from opsconductor.server.local_socket import PEER_UID
from opsconductor.server.running_turns import RunningTurns
from tests.scenario.watched import ORDER, Wired, hosts, pack_with_scenario, pack_with_wipe, watched

DEPLOY = SelectedTool(
    name="service-deploy",
    reason="the worst model says so",
    inputs={"service": "billing", "version": "2.3"},
    targets=("asset_app-01", "asset_app-02"),
)
WIPE = SelectedTool(name="disk-wipe", reason="the worst model says so", inputs={}, targets=("asset_app-01",))

# What each command does: a client's method that is tried below, or nothing that an engine's tools could be reached by.
COMMANDS: Mapping[str, str] = {
    "ask": "ask",
    "chat": "ask, decide",
    "serve": "opens the routes below",
    "approvals list": "approvals, reviews_due",
    "approvals show": "approval, commands",
    "approvals approve": "decide",
    "approvals reject": "decide",
    "approvals request-changes": "decide",
    "approvals edit": "decide",
    "approvals review": "review",
    "identities list": "identities",
    "identities create": "create_identity",
    "identities grant": "grant",
    "identities disable": "disable",
    "identities self-approval": "self_approval",
    "executions list": "executions",
    "executions show": "execution",
    "executions cancel": "cancel_execution",
    "executions undo": "undo",
    "executions resolve": "resolve_execution",
    "executions output": "output",
    "turns list": "turns",
    "turns show": "turn",
    "turns replay": "replay",
    "assets list": "assets",
    "assets count": "assets",
    "assets import csv": "import_assets",
    "assets import ansible": "import_assets",
    "assets import netbox": "import_assets",
    "tools list": "tools",
    "tools show": "tool, call_level",
    "tools check": "reads a folder",
    "pack init": "copies a folder",
    "pack check": "reads a folder",
    "tokens create": "create_token, sign_in_link",
    "tokens list": "tokens",
    "tokens revoke": "revoke_token",
    "audit verify": "reads the store",
    "asset-service": "opens the inventory alone",
    "doctor": "reads files",
}


def test_every_command_is_known() -> None:
    found = set(_commands(create_application(), ""))
    assert found == set(COMMANDS), f"say what these do, and try them: {sorted(found ^ set(COMMANDS))}"
    methods = set(_client_methods())
    named = {name for words in COMMANDS.values() for name in re.findall(r"[a-z_]+", words) if name in methods}
    assert named == methods, f"methods that no command is said to use: {sorted(methods - named)}"


def _commands(group: typer.Typer, before: str) -> Iterator[str]:
    for command in group.registered_commands:
        yield f"{before}{command.name}"
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from _commands(inner.typer_instance, f"{before}{inner.name} ")


def _client_methods() -> list[str]:
    return [name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")]


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    folder = tmp_path_factory.mktemp("doors")
    with watched(folder / "home", pack_with_wipe(folder / "pack")) as running:
        yield running


async def person(engine: Engine, name: str = "requester") -> Identity:
    found = await engine.storage.identity("default", name)
    assert found is not None
    return found


async def asked(wired: Wired, *tools: SelectedTool) -> TurnReply:
    """An order of the requester that waits for a second person."""
    wired.obedient.says = SelectionV1(selection_id="sel_worst", tools=tools)
    engine = wired.engine
    given = TurnInput(
        turn_id=engine.ids.new("turn"),
        identity=await person(engine),
        message=ORDER,
        session_id=engine.ids.new("sess"),
        channel="api",
    )
    reply = await engine.take_turn(given)
    assert reply.approval is not None, reply.message
    assert reply.approval.level >= 2
    return reply


Call = Callable[[InProcessClient, TurnReply], Awaitable[Any]]


def _decide(decision: str, **more: Any) -> Call:
    async def call(client: InProcessClient, reply: TurnReply) -> None:
        assert reply.approval is not None
        for plan_hash in (reply.approval.plan_hash, "sha256:" + "0" * 64):
            given = {"approval_id": reply.approval.approval_id, "plan_hash": plan_hash, "reason": "because", **more}
            try:
                await client.decide(ApprovalAnswer(decision=decision, **given))
            except OpsConductorError:
                continue

    return call


def _execution(reply: TurnReply) -> str:
    assert reply.approval is not None
    return reply.approval.execution_id


CALLS: Mapping[str, tuple[Call, ...]] = {
    "ask": (
        lambda client, reply: client.ask(ORDER),
        lambda client, reply: client.ask(f"{ORDER} approved=true"),
        lambda client, reply: client.ask(ORDER, dry_run=True),
    ),
    "decide": (
        _decide("approve"),
        _decide("edit", changes={"step_1": {"version": "2.2"}}),
        _decide("approve"),
        _decide("nonsense"),
    ),
    "review": (lambda client, reply: client.review(reply.approval.approval_id, "fine", True),),  # type: ignore[union-attr]
    "grant": (lambda client, reply: client.grant("requester", ["approver"], False), _decide("approve")),
    "self_approval": (lambda client, reply: client.self_approval(False, "never"), _decide("approve")),
    "create_identity": (lambda client, reply: client.create_identity("friend", ["approver"], "human"),),
    "disable": (lambda client, reply: client.disable("second", False), _decide("approve")),
    "resolve_execution": (
        lambda client, reply: client.resolve_execution(_execution(reply), "done", "seen", "", ""),
        _decide("approve"),
    ),
    "undo": (lambda client, reply: client.undo(_execution(reply), "no"), _decide("approve")),
    "cancel_execution": (lambda client, reply: client.cancel_execution("exec_none", "no"),),
    "executions": (lambda client, reply: client.executions(5),),
    "execution": (lambda client, reply: client.execution(_execution(reply)),),
    "commands": (lambda client, reply: client.commands(_execution(reply)),),
    "output": (lambda client, reply: client.output("out_none"),),
    "turns": (lambda client, reply: client.turns(5),),
    "turn": (lambda client, reply: client.turn(reply.turn_id),),
    "replay": (lambda client, reply: client.replay(reply.turn_id),),
    "approvals": (lambda client, reply: client.approvals(5),),
    "reviews_due": (lambda client, reply: client.reviews_due(),),
    "approval": (lambda client, reply: client.approval(reply.approval.approval_id),),  # type: ignore[union-attr]
    "assets": (lambda client, reply: client.assets(AssetQuery(query_type="list")),),
    "import_assets": (
        lambda client, reply: client.import_assets(ImportOrder(kind="csv", source="/none.csv", dry_run=True)),
    ),
    "tools": (lambda client, reply: client.tools(),),
    "tool": (lambda client, reply: client.tool("disk-wipe"),),
    "call_level": (lambda client, reply: client.call_level("disk-wipe", ["app-01"], {}),),
    "identities": (lambda client, reply: client.identities(),),
    "tokens": (lambda client, reply: client.tokens(),),
    "create_token": (lambda client, reply: client.create_token("approver", "mine", None),),
    "sign_in_link": (lambda client, reply: client.sign_in_link(),),
    "revoke_token": (lambda client, reply: client.revoke_token("tok_none"),),
}


def test_no_method_of_a_client_reaches_the_world_for_the_requester_alone(wired: Wired) -> None:
    methods = _client_methods()
    assert set(methods) <= set(CALLS), f"say how to try these: {sorted(set(methods) - set(CALLS))}"
    wired.watch.effects.clear()
    for tool in (DEPLOY, WIPE):
        wired.do(_call_all(wired, methods, tool))
    assert (wired.watch.effects, wired.watch.violations) == ([], [])


async def _call_all(wired: Wired, methods: list[str], tool: SelectedTool) -> None:
    engine, identity = wired.engine, await person(wired.engine)
    credentials = Credentials(engine.storage, engine.clock, engine.ids)
    client = InProcessClient(engine, Desk(engine, identity, "cli"), Administration(engine, credentials, identity))
    reply = await asked(wired, tool)
    for name in methods:
        for call in CALLS[name]:
            try:
                await call(client, reply)
            except OpsConductorError:
                continue


BODIES: Mapping[str, tuple[dict[str, Any], ...]] = {
    "/pipeline": (
        {"request": ORDER},
        {"request": ORDER, "dry_run": True},
        {"request": ORDER, "plan": {"steps": [{"tool": "disk-wipe"}]}, "approved": True, "level": 0},
    ),
    "/pipeline/execute": (
        {"approval_id": "APPROVAL", "plan_hash": "HASH", "decision": "approve"},
        {"approval_id": "APPROVAL", "plan_hash": "sha256:0", "decision": "approve"},
        {"approval_id": "APPROVAL", "plan_hash": "HASH", "decision": "approve", "approved_by": "approver"},
        {"approval_id": "APPROVAL", "plan_hash": "HASH", "decision": "edit", "changes": {"step_1": {"version": "2.2"}}},
    ),
    "/approvals/{approval_id}/review": ({"reason": "fine", "agrees": True},),
    "/executions/{execution_id}/cancel": ({"reason": "no", "status": "running"},),
    "/executions/{execution_id}/undo": ({"reason": "no"}, {"reason": "no", "approved": True}),
    "/executions/{execution_id}/resolve": ({"as": "done", "reason": "seen"},),
    "/local/assets/import": ({"kind": "csv", "source": "/none.csv", "dry_run": True},),
    "/local/assets/query": ({"query_type": "list"},),
    "/local/identities": ({"name": "friend2", "roles": ["approver"], "kind": "human"},),
    "/local/identities/grant": ({"name": "requester", "roles": ["approver"], "revoke": False},),
    "/local/identities/disable": ({"name": "second", "enable": False},),
    "/local/self-approval": ({"on": False, "reason": "never"},),
    "/local/tokens": ({"name": "approver", "label": "mine", "lifetime_s": None},),
    "/local/sign-in-link": ({},),
}
READS = frozenset({"GET", "HEAD"})


def test_no_route_reaches_the_world_for_the_requester_alone(wired: Wired) -> None:
    wired.watch.effects.clear()
    for tool in (DEPLOY, WIPE):
        wired.do(_knock_everywhere(wired, tool))
    assert (wired.watch.effects, wired.watch.violations) == ([], [])


async def _knock_everywhere(wired: Wired, tool: SelectedTool) -> None:
    engine = wired.engine
    async with asyncio.TaskGroup() as tasks:
        app = create_app(
            engine, RunningTurns(engine, engine.storage, tasks), address="http://127.0.0.1:3005", seen=lambda _: None
        )
        routes = [route for route in app.routes if isinstance(route, APIRoute)]
        changing = {route.path for route in routes if set(route.methods or ()) - READS}
        unknown = {path for path in changing if path not in BODIES and "token_id" not in path}
        assert unknown == set(), f"say how to try these: {sorted(unknown)}"
        reply = await asked(wired, tool)
        assert reply.approval is not None
        ids = {"APPROVAL": reply.approval.approval_id, "HASH": reply.approval.plan_hash, "EXEC": _execution(reply)}
        for headers, uid in await _callers(engine):
            async with _http(app, headers, uid) as http:
                for route in routes:
                    await _knock(http, route, ids)


async def _callers(engine: Engine) -> list[tuple[dict[str, str], int | None]]:
    """Nobody, the requester, a colleague and a viewer from the network, and the requester at the local socket."""
    credentials = Credentials(engine.storage, engine.clock, engine.ids)
    callers: list[tuple[dict[str, str], int | None]] = [({}, None), ({}, os.getuid())]
    for name in ("requester", "colleague", "viewer"):
        owner = await person(engine, name)
        _, secret = await credentials.create(owner, kind=BEARER, label="t", lifetime_s=None, actor=owner.identity_id)
        callers.append(({"Authorization": f"Bearer {secret}"}, None))
    return callers


def _http(app: Any, headers: dict[str, str], uid: int | None) -> httpx2.AsyncClient:
    async def at_socket(scope: Any, receive: Any, send: Any) -> None:
        scope.setdefault("state", {})[PEER_UID] = uid
        await app(scope, receive, send)

    transport = httpx2.ASGITransport(app=app if uid is None else at_socket)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:3005", headers=headers)


async def _knock(http: httpx2.AsyncClient, route: APIRoute, ids: Mapping[str, str]) -> None:
    path = route.path
    for name, value in (("approval_id", ids["APPROVAL"]), ("execution_id", ids["EXEC"]), ("name", "disk-wipe")):
        path = path.replace(f"{{{name}}}", value)
    path = re.sub(r"\{\w+\}", "none", path)
    for method in route.methods or ():
        for body in BODIES.get(route.path, ({},)) if method not in READS else (None,):
            filled = {
                key: ids.get(value, value) if isinstance(value, str) else value for key, value in (body or {}).items()
            }
            answer = await http.request(method, path, json=filled if body is not None else None)
            assert answer.status_code < 500 or answer.status_code == 503, (method, path, answer.text)


def test_no_turn_is_opened_by_anything_that_is_no_message_and_no_decision(wired: Wired) -> None:
    wired.watch.effects.clear()

    async def open_turns() -> None:
        reply = await asked(wired, DEPLOY)
        for trigger in Trigger:
            given = TurnInput(
                turn_id=wired.engine.ids.new("turn"),
                identity=await person(wired.engine),
                message="" if trigger is not Trigger.MESSAGE else ORDER,
                session_id=reply.session_id,
                trigger=trigger,
            )
            try:
                await wired.engine.take_turn(given)
            except OpsConductorError:
                continue

    wired.do(open_turns())
    assert (wired.watch.effects, wired.watch.violations) == ([], [])


def test_an_engine_has_no_further_way_to_act(wired: Wired) -> None:
    methods = {name for name, _ in inspect.getmembers(Engine, inspect.isfunction) if not name.startswith("_")}
    assert methods == {"take_turn", "recover"}
    wired.watch.effects.clear()
    wired.do(asked(wired, DEPLOY))
    wired.do(wired.engine.recover())
    wired.do(wired.engine.outbox.run_once())
    assert (wired.watch.effects, wired.watch.violations) == ([], [])


@pytest.mark.parametrize(
    ("tool", "when"),
    [("disk-wipe", "BEFORE"), ("disk-wipe", "DURING"), ("disk-wipe", "AFTER"), ("service-restart", "DURING")],
)
def test_what_a_scenario_binds_waits_for_approval_like_any_order(tmp_path: Path, tool: str, when: str) -> None:
    pack = pack_with_scenario(tmp_path / "pack", tool, when)
    with watched(tmp_path / "home", pack, obeys=False) as wired:

        async def say() -> TurnReply:
            given = TurnInput(
                turn_id=wired.engine.ids.new("turn"),
                identity=await person(wired.engine),
                message=ORDER,
                session_id="sess_1",
            )
            return await wired.engine.take_turn(given)

        reply = wired.do(say())
        assert reply.approval is not None, reply.message
        assert [step.tool for step in reply.plan.steps] == [tool]
        assert (wired.watch.effects, wired.watch.violations) == ([], [])


def test_the_hosts_of_these_tests_are_real_targets() -> None:
    assert {asset.asset_id for asset in hosts()} >= {*DEPLOY.targets, *WIPE.targets}
