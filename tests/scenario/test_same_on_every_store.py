"""The same script on every store gives the same transcript: what is said, what is stored, and what is chained."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from opsconductor.adapters.audit.hmac_seal import HmacSeal, load_or_create_key
from opsconductor.bootstrap import Engine, Overrides, open_engine, to_json
from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.json_value import Json
from opsconductor.domain.turn import TurnReply
from opsconductor.ports.connector import Connector, ConnectorCall, ConnectorResult
from opsconductor.settings import load_settings
from opsconductor.testing.servers.databases import TestDatabase
from tests.scenario.conftest import Conversation
from tests.scenario.transcript import Transcript

REQUESTS = Path(__file__).parents[1] / "data" / "ops_requests.yaml"
ORDERS = (
    "restart billing on app-01",
    "restart billing",
    "restart billing on app-02",
    "deploy billing 2.3 to app-01",
    "restart web on web-01",
    "deploy billing 2.3 to staging",
    "restart billing on app-09",
    "restart billing on app-01 and app-02",
    "restart everything",
    "never mind",
)
ANSWERS = ("approve", "reject", "wrong hash", "by the approver", "twice", "left", "changes")


class FarSideDouble:
    """Hosts that answer at once: each restart and each deployment gives a service the next process."""

    def __init__(self, own_service: Connector) -> None:
        self.own_service = own_service  # questions to the inventory are really asked
        self.processes: Counter[tuple[str, str]] = Counter()
        self.versions: dict[tuple[str, str], str] = {}

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """See the port."""
        if call.run.http.get("service"):
            return await self.own_service.call(call)
        host = call.target.name if call.target is not None else ""
        output = self.output((host, str(call.inputs.get("service", ""))), call)
        return ConnectorResult(outcome="done", ok=True, output=output, response={"exit": 0, "bytes": 20})

    def output(self, service: tuple[str, str], call: ConnectorCall) -> dict[str, Json]:
        """What a host says, in the words of every tool at once."""
        former = self.versions.get(service, "2.2")
        if {"restart", "deploy"} & {word for word in call.run.argv if isinstance(word, str)}:
            self.processes[service] += 1
            self.versions[service] = str(call.inputs.get("version", former))
        return {
            "path": "/",
            "total_bytes": 1000,
            "used_bytes": 250,
            "free_bytes": 750,
            "used_percent": 25,
            "url": "http://host/",
            "status": 200,
            "ok": True,
            "bytes": 20,
            "milliseconds": 3,
            "reachable": True,
            "reason": "",
            "address": "10.9.0.1",
            "port": 8080,
            "running": True,
            "answers": True,
            "service": service[1],
            "pid": 100 + self.processes[service],
            "started_at": "2026-05-05T12:00:00Z",
            "version": self.versions.get(service, "2.2"),
            "previous_version": former,
            "versions": ["2.2", "2.3"],
            "current": former,
            "previous": "",
        }


def hosts() -> tuple[Asset, ...]:
    """What the script's orders are about."""
    return tuple(
        Asset(
            asset_id=f"asset-{name}",
            tenant="default",
            name=name,
            type="server",
            platform="linux",
            os="Debian 12",
            ip=f"10.9.0.{number}",
            environment="staging" if number < 3 else "production",
            services=(AssetService(name="billing" if number < 3 else "web", port=8080),),
            source="test",
            source_id=name,
        )
        for number, name in enumerate(("app-01", "app-02", "web-01"), 1)
    )


@asynccontextmanager
async def running(home: Path, database_url: str) -> AsyncIterator[Engine]:
    """A wired engine over a fresh home; only what lies beyond the connectors is a double."""

    def connectors(usual: Mapping[str, Connector]) -> Mapping[str, Connector]:
        return dict.fromkeys(usual, FarSideDouble(usual["http"]))

    settings = load_settings({"home": str(home), "database_url": database_url})
    async with open_engine(settings, overrides=Overrides(connectors=connectors)) as engine:
        await engine.asset_store.put_assets(
            "default", "test", hosts(), retire_missing=False, dry_run=False, actor="system"
        )
        yield engine


class Script:
    """One run of the script: each message, what it leads to, and what the store holds of it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.transcript = Transcript()
        self.requester = Conversation(engine, "requester")
        self.approver = Conversation(engine, "approver")
        self.turns = 0
        self.kinds: Counter[str] = Counter()
        self.asked = 0

    async def play(self) -> None:
        """All of it."""
        requests = [str(one["text"]) for one in yaml.safe_load(REQUESTS.read_text("utf-8"))]
        for number, text in enumerate(text for index, text in enumerate(requests) if index % 3):
            await self.say(text, f"sess_{number // 12}")
            if number % 4 == 0:
                await self.say(ORDERS[number // 4 % len(ORDERS)], f"sess_{number // 12}")
            if number % 10 == 0:
                await self.engine.outbox.run_once()
        await self.look()

    async def say(self, text: str, session: str) -> None:
        """A message, then an answer to whatever it is answered with."""
        self.requester.session = self.approver.session = session
        reply = await self.turn(text, self.requester.say(text))
        if reply is not None and reply.clarification:
            options = reply.clarification.get("options")
            if isinstance(options, list) and options:
                reply = await self.turn("the first", self.requester.say(str(options[0])))
        if reply is not None and reply.approval is not None and reply.kind == "approval_required":
            await self.answer(reply)

    async def answer(self, asked: TurnReply) -> None:
        """Each approval in its turn meets another fate."""
        fate = ANSWERS[self.asked % len(ANSWERS)]
        self.asked += 1
        if fate == "left":
            return
        if fate == "wrong hash":
            await self.turn(fate, self.requester.decide(asked, "approve", plan_hash="sha256:" + "0" * 64))
        word = {"reject": "reject", "changes": "request_changes"}.get(fate, "approve")
        who = self.approver if fate == "by the approver" else self.requester
        for _ in range(2 if fate == "twice" else 1):
            await self.turn(fate, who.decide(asked, word, reason="as the script says"))

    async def turn(self, what: str, begun: Any) -> TurnReply | None:
        """One turn, put down with the record that is kept of it, or with its refusal."""
        self.turns += 1
        try:
            reply: TurnReply = await begun
        except OpsConductorError as error:
            self.transcript.add(what, {"error": error.code, "message": error.message})
            self.kinds[error.code] += 1
            return None
        self.transcript.add(what, to_json(reply))
        self.transcript.add("record", to_json(await self.engine.storage.turn_record("default", reply.turn_id)))
        self.kinds[reply.kind.value] += 1
        return reply

    async def look(self) -> None:
        """Everything the store can be asked at the end."""
        store = self.engine.storage
        for execution in reversed(await store.executions("default", limit=1000)):
            about = execution.execution_id
            self.transcript.add("execution", to_json(execution))
            self.transcript.add("moves", to_json(await store.moves("default", about)))
            self.transcript.add("journal", to_json(await store.journal("default", about)))
            self.transcript.add("approvals", to_json(await store.approvals_of("default", about)))
        self.transcript.add("turns", [one.turn_id for one in await store.turns("default", limit=1000)])
        self.transcript.add("open", to_json(await store.open_turns()))
        self.transcript.add("memories", to_json(await store.memories("default", (), 1000)))
        self.transcript.add("counts", dict(await store.counts("default")))
        self.transcript.add("outbox", len(await store.outbox_due(1000)))
        for row in await self.chain():
            self.transcript.add("audit", to_json(row))

    async def chain(self) -> list[Any]:
        """The rows of turns: those of imports are chained in the inventory's own store where that is another."""
        rows = await self.engine.storage.audit("default", limit=100_000)
        seal = HmacSeal(load_or_create_key(self.engine.settings.home / "keys" / "audit.key"))
        assert seal.verify(rows) is None
        return [row.entry for row in rows if not row.entry.action.startswith(("assets.", "inventory."))]


@pytest.mark.timeout(180)
async def test_the_same_script_gives_the_same_transcript(tmp_path: Path, postgresql_database: TestDatabase) -> None:
    scripts = []
    for name, url in (("sqlite", ""), ("postgresql", postgresql_database.url)):
        async with running(tmp_path / name, url) as engine:
            script = Script(engine)
            await script.play()
            scripts.append(script)
    one, other = scripts
    assert one.turns == other.turns >= 200
    assert {"answer", "question", "approval_required", "refused", "cancelled"} <= set(one.kinds), one.kinds
    for left, right in zip(one.transcript.lines, other.transcript.lines, strict=True):
        assert left == right
