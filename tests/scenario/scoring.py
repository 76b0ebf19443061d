"""A wired engine whose every scorer says what a test tells it to, and a pack whose tempting tools nobody may run."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from opsconductor.bootstrap import Engine, Overrides, default_pack, open_engine
from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json
from opsconductor.domain.retrieval import Scored
from opsconductor.domain.turn import ApprovalAnswer, Trigger, TurnInput, TurnReply
from opsconductor.ports.connector import Connector, ConnectorCall, ConnectorResult
from opsconductor.ports.intent_model import IntentModel, Prediction
from opsconductor.ports.lanes import LaneQuery, Lanes
from opsconductor.settings import load_settings
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble

T = TypeVar("T")

RESTART = "automation/service_restart"
STATUS = "monitoring/service_status"
PROBLEM = "troubleshooting/service_problem"
LOOKS = "windows-look"
FORBIDDEN = ("windows-restart", "denied-restart", "denied-aside", "denied-facet")
"""Tools that no rule, right or platform lets anybody run on the hosts below."""

HOSTS = (
    ("app-01", "linux", "staging", "billing"),
    ("app-02", "linux", "staging", "billing"),
    ("web-01", "linux", "production", "storefront"),
    ("desk-01", "windows", "staging", "billing"),
)
PEOPLE = {"viewer": frozenset({Role.VIEWER}), "nobody": frozenset[Role](), "second": frozenset({Role.APPROVER})}

_TOOL = """\
name: {name}
version: "1"
description: Restarts a service, and is better at it than anything else.
effect: {effect}
risk: low
connector: ssh
platforms: [{platform}]
targets: {{input: host, max: 10}}
inputs:
  type: object
  required: [host, service]
  properties:
    host: {{type: string, x-entity: asset}}
    service: {{type: string, x-entity: service, pattern: "^[A-Za-z0-9][A-Za-z0-9_.@-]*$"}}
run: {{argv: [{name}, {{input: service}}], parse: none}}
output: {{}}
estimate: 1
timeout_class: fast_change
{reason}
"""
_SCENARIO = """\
id: bait-{name}
version: 1
title: Restart a service the best way
description: Somebody wants a service restarted, or asks how it is.
intents: [{intents}]
examples: ["make {{service}} well on {{host}}"]
steps:
  - id: do
    kind: ACTION
    binding: {{tool: {name}, variables: {{host: host, service: service}}}}
"""
_PREFERENCE = """\
- {{id: R-prefer-{name}, title: Prefer it, description: It is best., scope: AGENT, effect: prefer_tool, tool: {name}}}
"""
_DENIALS = """\
- {id: R-denied, title: Denied, description: Nobody restarts so., scope: GLOBAL, effect: deny, hard: true,
   condition: '"denied-restart" in tools'}
- {id: R-denied-aside, title: Denied, description: Nobody restarts so., scope: AGENT, effect: deny, hard: true,
   condition: '"denied-aside" in tools'}
- {id: R-denied-facet, title: Denied, description: Not on Debian., scope: GLOBAL, effect: deny, hard: true,
   facets: {os: [Debian 12]}, condition: '"denied-facet" in tools'}
"""


def tempting_pack(folder: Path) -> Path:
    """The default pack; every intent about services lists the forbidden tools first, and rules prefer them."""
    shutil.copytree(default_pack(), folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    rules = []
    for name in (*FORBIDDEN, LOOKS):
        text = _TOOL.format(
            name=name,
            effect="read" if name == LOOKS else "idempotent",
            platform="windows" if name.startswith("windows") else "linux",
            reason="" if name == LOOKS else "no_probe_reason: Nothing tells whether it was done.",
        )
        (folder / "tools" / f"{name}.yaml").write_text(text, "utf-8")
        scenario = _SCENARIO.format(name=name, intents=f"{RESTART}, {STATUS}, {PROBLEM}")
        (folder / "scenarios" / f"bait-{name}.yaml").write_text(scenario, "utf-8")
        rules.append(_PREFERENCE.format(name=name))
    (folder / "rules" / "tempting.yaml").write_text(_DENIALS + "".join(rules), "utf-8")
    for file in (folder / "intents").glob("*.yaml"):
        declared = yaml.safe_load(file.read_text("utf-8"))
        for intent in declared:
            if intent["label"] == RESTART:
                intent["tools"] = [*FORBIDDEN, *intent["tools"]]
            if intent["label"] == STATUS:
                intent["tools"] = [LOOKS, *intent["tools"]]
        file.write_text(yaml.safe_dump(declared), "utf-8")
    return folder


def hosts() -> tuple[Asset, ...]:
    """Linux hosts in staging and production, and a Windows desk."""
    return tuple(
        Asset(
            asset_id=f"asset_{name}",
            tenant="default",
            name=name,
            type=f"{platform}_server",
            platform=platform,
            os="Debian 12" if platform == "linux" else "Windows 11",
            ip=f"10.9.0.{number}",
            environment=environment,
            services=(AssetService(name=service, port=8080),),
            source="test",
            source_id=name,
        )
        for number, (name, platform, environment, service) in enumerate(HOSTS, 1)
    )


@dataclass
class Scorers:
    """What every scorer says: the model by label, the lanes by the id of what they retrieve."""

    intents: Mapping[str, float] = field(default_factory=dict)
    in_scope: bool = True
    lanes: Mapping[str, float] = field(default_factory=dict)

    def predict(self, vector: object, masked_text: str) -> Prediction:
        """See the port."""
        ranked = sorted(self.intents.items(), key=lambda one: -one[1])
        return Prediction(ranked=tuple(ranked), scope_score=ranked[0][1] if ranked else 0.0, in_scope=self.in_scope)

    async def model_for(self, catalogue: Catalogue) -> IntentModel:
        """See the port."""
        return self

    def over(self, usual: Lanes) -> Lanes:
        """Lanes that find exactly what has a score; memories are left as they are."""
        return Lanes(
            rules=_LaneDouble(self, lambda catalogue: catalogue.rules, lambda one: one.rule_id),
            scenarios=_LaneDouble(self, lambda catalogue: catalogue.scenarios, lambda one: one.scenario_id),
            memories=usual.memories,
            intents=_LaneDouble(self, lambda catalogue: catalogue.intents, lambda one: one.label),
        )


class _LaneDouble(Generic[T]):
    """Everything that the test has a score for, and nothing else."""

    def __init__(self, scorers: Scorers, items: Callable[[Catalogue], tuple[T, ...]], name: Callable[[T], str]) -> None:
        self._scorers, self._items, self._name = scorers, items, name

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[T]]:
        """See the port."""
        scores = self._scorers.lanes
        found = [one for one in self._items(query.catalogue) if self._name(one) in scores]
        scored = [Scored(item=one, score=scores[self._name(one)]) for one in found]
        return sorted(scored, key=lambda one: -one.score)[:pool]


class _FarSideDouble:
    """Hosts that do what they are told and remember it; questions to the inventory are really asked."""

    def __init__(self, called: list[ConnectorCall], own_service: Connector) -> None:
        self._called, self._own_service = called, own_service

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """See the port."""
        if call.run.http.get("service"):
            return await self._own_service.call(call)
        self._called.append(call)
        output: dict[str, Json] = {
            "service": call.inputs.get("service", ""),
            "running": True,
            "answers": True,
            "pid": 100 + len(self._called),
            "started_at": "",
            "version": "1",
        }
        return ConnectorResult(outcome="done", ok=True, output=output)


@dataclass
class ScoredEngine:
    """The engine, on a loop that runs while something is asked of it."""

    engine: Engine
    scorers: Scorers
    called: list[ConnectorCall]
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of some work of the engine."""
        return self.loop.run_until_complete(work)

    def say(self, text: str, who: str, session: str) -> TurnReply | None:
        """The reply to a message; None when it was not even accepted."""
        return self.do(self._turn(who, session, message=text))

    def answer(self, asked: TurnReply, decision: str, who: str, session: str, **changes: Any) -> TurnReply | None:
        """What deciding an approval came to; `changes` are of step_1."""
        assert asked.approval is not None
        answer = ApprovalAnswer(
            approval_id=asked.approval.approval_id,
            plan_hash=asked.approval.plan_hash,
            decision=decision,
            reason="because",
            changes={"step_1": changes} if changes else {},
        )
        return self.do(self._turn(who, session, message="", trigger=Trigger.APPROVAL, approval=answer))

    async def _turn(self, who: str, session: str, **opening: Any) -> TurnReply | None:
        identity = await self.engine.storage.identity("default", who)
        assert identity is not None
        turn = TurnInput(
            turn_id=self.engine.ids.new("turn"), identity=identity, session_id=session, channel="api", **opening
        )
        try:
            return await self.engine.take_turn(turn)
        except OpsConductorError:
            return None


@contextmanager
def scored(folder: Path) -> Iterator[ScoredEngine]:
    """An engine over a fresh home with the tempting pack."""
    loop = asyncio.new_event_loop()
    scorers, called = Scorers(), list[ConnectorCall]()
    ready, ended = loop.create_future(), asyncio.Event()

    async def live() -> None:
        settings = load_settings({"home": str(folder / "home"), "pack": str(tempting_pack(folder / "pack"))})
        overrides = Overrides(
            connectors=lambda usual: dict.fromkeys(usual, _FarSideDouble(called, usual["http"])),
            embedder=HashedWordsEmbedderDouble(),
            intent_models=scorers,
            lanes=scorers.over,
        )
        async with open_engine(settings, overrides=overrides) as engine:
            await engine.asset_store.put_assets(
                "default", "test", hosts(), retire_missing=False, dry_run=False, actor="test"
            )
            unit = engine.storage.begin()
            for name, roles in PEOPLE.items():
                unit.add_identity(Identity(identity_id=f"idn_{name}", tenant="default", name=name, roles=roles))
            gone = Identity(
                identity_id="idn_gone",
                tenant="default",
                name="gone",
                roles=frozenset({Role.REQUESTER, Role.APPROVER}),
                disabled=True,
            )
            unit.add_identity(gone)
            await unit.commit()
            ready.set_result(ScoredEngine(engine=engine, scorers=scorers, called=called, loop=loop))
            await ended.wait()

    async def until_ready(task: asyncio.Task[None]) -> ScoredEngine:
        await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        opened: ScoredEngine = ready.result()
        return opened

    task = loop.create_task(live())
    try:
        yield loop.run_until_complete(until_ready(task))
    finally:
        ended.set()
        loop.run_until_complete(task)
        loop.close()
