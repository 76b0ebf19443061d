"""A wired engine whose every call to the world is judged as it arrives: was this very call approved, and by whom?

The far side is a double that does what it is told; whether a call may be made is read from the store beside the engine.
"""

import asyncio
import shutil
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opsconductor.bootstrap import Engine, Overrides, default_pack, open_engine
from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.execution import Execution
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanStep, envelope_content, plan_content
from opsconductor.domain.selection import SelectionV1
from opsconductor.ports.canonical import digest
from opsconductor.ports.connector import Connector, ConnectorCall, ConnectorResult
from opsconductor.settings import load_settings
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble
from opsconductor.testing.doubles.intent_model.scripted import ScriptedIntentModelsDouble, sure

ORDER = "restart billing on app-01"
PEOPLE = {
    "second": frozenset({Role.APPROVER}),
    "colleague": frozenset({Role.REQUESTER}),
    "viewer": frozenset({Role.VIEWER}),
}
WIPE = """\
name: disk-wipe
version: "1"
description: Wipes a disk.
effect: irreversible
risk: critical
connector: ssh
platforms: [linux]
targets: {input: host, max: 5}
inputs:
  type: object
  required: [host]
  properties:
    host: {type: string, x-entity: asset}
    path: {type: string, x-entity: file_path, pattern: ^/}
run: {argv: [wipe]}
estimate: 1
timeout_class: fast_change
no_probe_reason: What is gone cannot be read back.
"""


SCENARIO = """\
id: dangerous
version: 1
title: Act at once
description: A service is restarted.
intents: [automation/service_restart]
examples: ["restart {{service}} on {{host}}"]
steps:
  - id: act
    kind: ACTION
    binding: {{tool: {tool}, when: {when}, variables: {{{variables}}}}}
"""


def pack_with_scenario(folder: Path, tool: str, when: str) -> Path:
    """The same pack with a scenario that binds a changing tool."""
    pack = pack_with_wipe(folder)
    variables = "host: host" if tool == "disk-wipe" else "host: host, service: service"
    text = SCENARIO.format(tool=tool, when=when, variables=variables)
    (pack / "scenarios" / "dangerous.yaml").write_text(text, "utf-8")
    return pack


def pack_with_wipe(folder: Path) -> Path:
    """The default pack with a tool of level 3 beside its own, and nothing to wait for."""
    shutil.copytree(default_pack(), folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    (folder / "tools" / "disk-wipe.yaml").write_text(WIPE, "utf-8")
    for tool in (folder / "tools").iterdir():  # the far side settles at once
        tool.write_text(tool.read_text("utf-8").replace("settle: 3", "settle: 0"), "utf-8")
    return folder


def hosts() -> tuple[Asset, ...]:
    """Two hosts in staging, one in production."""
    return tuple(
        Asset(
            asset_id=f"asset_{name}",
            tenant="default",
            name=name,
            type="linux_server",
            platform="linux",
            ip=f"10.9.0.{number}",
            environment="production" if number == 3 else "staging",
            services=(AssetService(name="billing", port=8080),),
            source="test",
            source_id=name,
        )
        for number, name in enumerate(("app-01", "app-02", "web-01"), 1)
    )


@dataclass
class Watch:
    """Judges each call. `violations` are those that nobody had approved; `effects` are changes that really came."""

    engine: Engine | None = None
    violations: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)  # every call, of reads too

    def connectors(self, usual: Mapping[str, Connector]) -> Mapping[str, Connector]:
        """One far side behind all of them; only questions to the inventory are really asked."""
        return dict.fromkeys(usual, FarSideDouble(self, usual["http"]))

    async def judge(self, call: ConnectorCall) -> None:
        """Note the call, and why it should never have been made."""
        assert self.engine is not None
        tools = self.engine.catalogues.current().tools.values()
        names = {tool.name for tool in tools if call.run in (tool.run, tool.probe.run if tool.probe else None)}
        acts = any(tool.run == call.run and tool.effect is not Effect.READ for tool in tools)
        self.calls += sorted(names)
        if acts:
            self.effects.append(f"{call.run.argv} on {call.target.name if call.target else ''}")
        running = [one for one in await self.engine.storage.running_executions() if _has(one, names, call)]
        reasons = [await self._forbids(one, names) for one in running] or ["no execution with such a step is running"]
        if all(reasons):
            self.violations.append(f"{sorted(names)} {call.inputs}: {reasons}")

    async def _forbids(self, execution: Execution, names: set[str]) -> str:
        """Why nothing of this execution may be run; empty when its approval holds."""
        assert self.engine is not None
        plan = execution.plan
        if plan.plan_digest != digest(plan_content(plan.steps)):
            return "its plan is not the one that was frozen"
        if plan.approval_level == 0:
            return "" if all(step.effect == Effect.READ for step in plan.steps) else "a change at level 0"
        approvals = await self.engine.storage.approvals_of(execution.tenant, execution.execution_id)
        whole = [one for one in approvals if not one.step_id]
        if not whole or whole[-1].state is not ApprovalState.CONSUMED:
            return f"its approval is {[one.state.value for one in whole]}"
        if wrong := _unfit(whole[-1], execution):
            return wrong
        changing = [step.step_id for step in plan.steps if step.effect != Effect.READ and step.tool in names]
        confirmed = {one.step_id for one in approvals if one.step_id and one.state is ApprovalState.CONSUMED}
        if whole[-1].level >= 3 and changing and not confirmed.intersection(changing):
            return "a step of level 3 was not confirmed"
        return ""


def _has(execution: Execution, names: set[str], call: ConnectorCall) -> bool:
    return any(_is(step, names, call) for step in execution.plan.steps)


def _is(step: PlanStep, names: set[str], call: ConnectorCall) -> bool:
    """Whether the call is the step itself, a look at it, or its undo, on one of its targets."""
    on = {target.asset_id for target in step.targets}
    return bool(names & {step.tool, step.verify, step.undo}) and (call.target is None or call.target.asset_id in on)


def _unfit(approval: Approval, execution: Execution) -> str:
    """Why an approval does not carry the execution: another hash, too low, too few people, or the wrong ones."""
    hashes = {approval.plan_hash, execution.plan_hash, digest(envelope_content(approval.envelope))}
    if len(hashes) != 1 or approval.envelope.plan_digest != execution.plan.plan_digest:
        return "another hash was approved"
    if approval.level < execution.plan.approval_level:
        return "it was approved at too low a level"
    people = {one.who for one in approval.decisions if one.decision == "approve"}
    needed = {1: 1, 2: 1, 3: 2}[approval.level]
    if len(people) < needed:
        return f"{len(people)} people approved it"
    return "the requester approved it alone" if approval.level >= 2 and execution.requester in people else ""


class FarSideDouble:
    """Hosts that answer in the words of every tool at once; each change gives the next process."""

    def __init__(self, watch: Watch, own_service: Connector) -> None:
        self.watch = watch
        self.own_service = own_service
        self.versions: dict[str, Json] = {}  # by host, of its one service

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """See the port."""
        await self.watch.judge(call)
        if call.run.http.get("service"):
            return await self.own_service.call(call)
        host = call.target.name if call.target is not None else ""
        if "deploy" in call.run.argv:
            self.versions[host] = call.inputs.get("version")
        output: dict[str, Json] = {
            "service": call.inputs.get("service", ""),
            "running": True,
            "answers": True,
            "pid": 100 + len(self.watch.effects),
            "started_at": "2026-05-05T12:00:00Z",
            "version": self.versions.get(host, "2.2"),
        }
        return ConnectorResult(outcome="done", ok=True, output=output)


class Obedient:
    """A stage B that does what the worst model would say: any tool, any inputs, any targets."""

    def __init__(self) -> None:
        self.says = SelectionV1(selection_id="sel_worst", tools=())

    async def run(self, *_: object) -> SelectionV1:
        """The selection that was put in."""
        return self.says


@dataclass
class Wired:
    """The engine on a loop of its own, so that plain test functions can call it one after the other."""

    engine: Engine
    watch: Watch
    obedient: Obedient
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of some work of the engine."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@contextmanager
def watched(home: Path, pack: Path, database_url: str = "", *, obeys: bool = True) -> Iterator[Wired]:
    """An engine over a fresh home; understanding always hears the order.

    What it comes to says `obedient`, or where it does not obey, the engine's own stage B.
    """
    ready: list[Wired] = []
    failed: list[BaseException] = []
    begun, ended = threading.Event(), asyncio.Event()

    async def live() -> None:
        watch = Watch()
        settings = load_settings({"home": str(home), "pack": str(pack), "database_url": database_url})
        order = {
            ORDER: sure("automation/service_restart"),
            "restart {service} on {host}": sure("automation/service_restart"),
        }
        overrides = Overrides(
            connectors=watch.connectors,
            embedder=HashedWordsEmbedderDouble(),
            intent_models=ScriptedIntentModelsDouble(order),
        )
        async with open_engine(settings, overrides=overrides) as engine:
            watch.engine = engine
            await engine.asset_store.put_assets(
                "default", "test", hosts(), retire_missing=False, dry_run=False, actor="test"
            )
            unit = engine.storage.begin()
            for name, roles in PEOPLE.items():
                unit.add_identity(Identity(identity_id=f"idn_{name}", tenant="default", name=name, roles=roles))
            await unit.commit()
            obedient = Obedient()
            if obeys:
                setattr(engine.phases.execute_tools, "_select", obedient)  # noqa: B010 - no override has stage B
            ready.append(Wired(engine=engine, watch=watch, obedient=obedient, loop=asyncio.get_running_loop()))
            begun.set()
            await ended.wait()

    def work() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:
            failed.append(error)
        finally:
            begun.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert begun.wait(60)
        if failed:
            raise failed[0]
        yield ready[0]
    finally:
        if ready:
            ready[0].loop.call_soon_threadsafe(ended.set)
        thread.join(30)
    if failed:
        raise failed[0]
