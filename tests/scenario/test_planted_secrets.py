"""I11: what a tool prints unasked, an exception carries or a credential holds is in no table, file, reply or log."""

import io
import logging
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from opsconductor.adapters.json_codec import dump_bytes
from opsconductor.adapters.storage.sqlite.blobs import unpacked
from opsconductor.bootstrap import Overrides, default_pack, open_engine
from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.json_value import Json
from opsconductor.domain.turn import TurnReply
from opsconductor.ports.connector import Connector, ConnectorCall, ConnectorResult
from opsconductor.server.logs import configure
from opsconductor.settings import load_settings
from opsconductor.testing.doubles.intent_model.scripted import ScriptedIntentModelsDouble, sure
from tests.scenario.conftest import Conversation

CREDENTIAL = "kept-in-the-vault-4711"
DECLARED = "declared-as-redacted-4712"
PLANTED = (
    CREDENTIAL,
    DECLARED,
    "opsc_" + "a1B2" * 8,
    "AKIAIOSFODNN7EXAMPLE",
    "in-a-private-key-4713",
    "beside-password-4714",
    "in-a-header-4715",
    "in-a-named-field-4716",
    "in-a-url-4717",
)
PRINTED = (
    f"{CREDENTIAL} {PLANTED[2]} {PLANTED[3]} password={PLANTED[5]} Authorization: Bearer {PLANTED[6]}\n"
    f"https://bob:{PLANTED[8]}@example.com/\n-----BEGIN OPENSSH PRIVATE KEY-----\n{PLANTED[4]}\n"
    "-----END OPENSSH PRIVATE KEY-----"
)
ORDER = "restart billing on app-01"
TOOL = """\
name: service-restart
version: "2"
description: Restarts a service and talks too much.
effect: idempotent
risk: medium
connector: ssh
credential: deploy-password
platforms: [linux]
targets: {input: host, max: 1}
inputs:
  type: object
  required: [host, service]
  properties:
    host: {type: string, x-entity: asset}
    service: {type: string, x-entity: service, pattern: "^[a-z]+$"}
run: {argv: [svc, restart, {input: service}]}
output:
  said: {type: string}
  lines: {type: array}
  shown: {type: string}
  db_password: {type: string}
estimate: 1
timeout_class: fast_change
preconditions:
  - {expression: 'input.service in target.services', message: The inventory does not list this service on the host.}
success:
  - {expression: 'output.said != ""', message: It said nothing.}
probe:
  run: {argv: [svc, status, {input: service}]}
  done: after.said != before.said
  not_done: after.said == before.said
redact: [shown]
answer: "{target.name} says {output.said}, {output.shown} and {output.db_password}."
target_label: "{service} on {target.name}"
"""
OUTPUT: Mapping[str, Json] = {
    "said": PRINTED,
    "lines": [PRINTED * 200, {"token": PLANTED[7]}],
    "shown": DECLARED,
    "db_password": PLANTED[7],
}


class LeakyDouble:
    """A far side that lets out all it knows, in each way a connector's answer can."""

    def __init__(self, how: str, own_service: Connector) -> None:
        self._how, self._own_service, self._count = how, own_service, 0

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """See the port."""
        if call.run.http.get("service"):
            return await self._own_service.call(call)
        self._count += 1
        seen: dict[str, Json] = {"headers": {"Authorization": PLANTED[6], "x": PRINTED}, "sent": PRINTED}
        if call.run.argv[1] == "status" or self._how == "output":
            output = {**OUTPUT, "said": f"{self._count} {PRINTED}"}
            return ConnectorResult(outcome="done", ok=True, output=output, request=seen, response=seen)
        if self._how == "our error":
            raise Unavailable("connector.failed", PRINTED, detail=PRINTED)
        if self._how == "exception":
            raise RuntimeError(PRINTED)
        outcome = "unknown" if self._how == "unknown" else "done"
        return ConnectorResult(
            outcome=outcome, error_code="connector.failed", error=PRINTED, request=seen, response=seen
        )


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure("debug", stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


def stored(database: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, packed ones unpacked, by table and column."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            columns = [column for column, *_ in cursor.description]
            for row in cursor:
                for column, value in zip(columns, row, strict=True):
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    yield f"{table}.{column}", raw + b"\n" + (_open(raw) if isinstance(value, bytes) else b"")


def _open(raw: bytes) -> bytes:
    try:
        return unpacked(raw) or b""
    except Exception:
        return b""


def leaks(home: Path, replies: list[TurnReply], log: str) -> set[str]:
    """Where a planted secret stands, but for the vault itself."""
    places = [(f"reply {number}", dump_bytes(reply)) for number, reply in enumerate(replies)]
    places.append(("log", log.encode()))
    for file in home.rglob("*"):
        if file.is_file() and file.parent.name != "keys":
            places.append((file.name, file.read_bytes()))
    for database in home.glob("*.db"):
        places += stored(database)
    return {f"{secret} in {place}" for place, text in places for secret in PLANTED if secret.encode() in text}


@pytest.mark.parametrize("how", ["output", "stderr", "unknown", "our error", "exception"])
async def test_no_planted_secret_is_anywhere_afterwards(
    home: Path, tmp_path: Path, logged: io.StringIO, how: str
) -> None:
    pack = shutil.copytree(default_pack(), tmp_path / "pack")
    (pack / "tools" / "service-restart.yaml").write_text(TOOL, "utf-8")
    overrides = Overrides(
        connectors=lambda usual: dict.fromkeys(usual, LeakyDouble(how, usual["http"])),
        intent_models=ScriptedIntentModelsDouble({"restart {service} on {host}": sure("automation/service_restart")}),
    )
    host = Asset(
        asset_id="asset_app-01",
        tenant="default",
        name="app-01",
        type="linux_server",
        platform="linux",
        ip="10.9.0.1",
        environment="staging",
        services=(AssetService(name="billing", port=8080),),
        source="test",
        source_id="app-01",
    )
    settings = load_settings({"home": str(home), "pack": str(pack)})
    async with open_engine(settings, overrides=overrides) as engine:
        vault = home / "keys" / "deploy-password"
        vault.write_text(CREDENTIAL, "utf-8")
        vault.chmod(0o600)
        await engine.asset_store.put_assets(
            "default", "test", (host,), retire_missing=False, dry_run=False, actor="test"
        )
        conversation = Conversation(engine)
        asked = await conversation.say(ORDER)
        replies = [asked, await conversation.decide(asked, "approve")]
        replies += [await conversation.say("what did we do on app-01 last time?")]
        await engine.outbox.run_once()
        replies += await engine.recover()
        (execution,) = await engine.storage.executions("default")
        assert execution.result is not None
        references = [result.output_ref for result in execution.result.step_results if result.output_ref]
        assert bool(references) is (how == "output"), "the whole output is stored beside the result"
    assert leaks(home, replies, logged.getvalue()) == set()
