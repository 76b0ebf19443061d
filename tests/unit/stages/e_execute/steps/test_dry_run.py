"""A dry run tells every call that would be made, target by target, and makes none."""

from pathlib import Path
from typing import Any

from opsconductor.adapters.connector.network import NetworkConnector
from opsconductor.adapters.connector.ssh import SshConnector
from opsconductor.domain.catalogue import Probe, Tool, ToolRun
from opsconductor.domain.commands import PlannedCommand
from opsconductor.domain.plan import PlanStep
from opsconductor.ports.connector import Connector
from opsconductor.stages.e_execute.steps.calls import ToolCalls
from opsconductor.stages.e_execute.steps.dry_run import DryRun
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, an_asset
from opsconductor.testing.executions import a_change, a_plan, a_read, a_step
from opsconductor.testing.turns import object_schema
from tests.unit.stage_e import NoSecrets, open_stage_e

HOSTS = tuple(
    an_asset(f"app-0{number}", ip=f"192.0.2.{number}", connection={"port": 22, "credential_ref": "key"})
    for number in (1, 2)
)
STATUS = Probe(run=ToolRun(argv=("svc", "status", {"input": "service"})), done="true")


async def commands(*steps: PlanStep, tools: tuple[Tool, ...], hosts: Any = HOSTS) -> list[PlannedCommand]:
    connectors: dict[str, Connector] = {
        "ssh": SshConnector(NoSecrets()),
        "network": NetworkConnector(),
        "other": ScriptedConnectorDouble(),
    }
    dry = DryRun(ToolCalls(connectors, NoSecrets()), InMemoryInventoryDouble(hosts))
    catalogue = a_catalogue(tools={tool.name: tool for tool in tools}, rules=())
    return list(await dry.commands("default", a_plan(*steps), catalogue))


async def test_each_call_of_each_target_is_told_with_where_it_would_go() -> None:
    restart = a_change(run=ToolRun(argv=("svc", "restart", {"input": "service"})), probe=STATUS)
    told = await commands(a_step(restart, *HOSTS, connector="ssh"), tools=(restart,))
    assert [(one.step_id, one.purpose, one.tool, one.target, one.connector) for one in told] == [
        ("step_1", purpose, "service-restart", name, "ssh")
        for name in ("app-01", "app-02")
        for purpose in ("run", "read_back")
    ]
    assert told[0].request == {"argv": ["svc", "restart", "billing"], "address": "192.0.2.1", "port": 22}
    assert told[3].request == {"argv": ["svc", "status", "billing"], "address": "192.0.2.2", "port": 22}


async def test_what_the_tool_never_shows_is_hidden_in_every_call() -> None:
    login = ToolRun(argv=("login", {"input": "password"}))
    tool = a_change(run=login, probe=Probe(run=login, done="true"), redact=("password",), undo="undo")
    undo = a_change("undo", run=login, probe=None)
    step = a_step(
        tool, HOSTS[0], inputs={"password": "hunter2"}, undo="undo", undo_inputs={"password": {"input": "password"}}
    )
    told = await commands(step, tools=(tool, undo))
    assert [one.purpose for one in told] == ["run", "read_back", "undo"]
    assert "hunter2" not in repr(told)
    assert {str(one.request["argv"]) for one in told} == {"['login', '[redacted]']"}


async def test_verifications_and_undos_stand_beside_their_step_with_what_is_known() -> None:
    back = ToolRun(argv=("deploy", {"input": "version"}))
    deploy = a_change("deploy", run=back, probe=None)
    look = a_read(
        "look", run=ToolRun(argv=("curl", {"input": "version"})), inputs=object_schema(version={"type": "string"})
    )
    step = a_step(
        deploy, HOSTS[0], inputs={"version": "2.3"}, verify="look", undo="deploy",
        undo_inputs={"version": {"before": "version"}},
    )  # fmt: skip
    told = await commands(step, tools=(deploy, look))
    assert [(one.purpose, one.tool, one.request["argv"]) for one in told] == [
        ("run", "deploy", ["deploy", "2.3"]),
        ("verify", "look", ["curl", "2.3"]),
        ("undo", "deploy", ["deploy", "<version before>"]),
    ]
    assert told[2].note == "What was read before the step is filled in."


async def test_a_value_of_an_earlier_step_is_told_as_what_it_will_be() -> None:
    read = a_read(run=ToolRun(argv=("show", {"input": "pid"})))
    (told,) = await commands(a_step(read, HOSTS[0], inputs={"pid": {"from": "step_0", "field": "pid"}}), tools=(read,))
    assert told.request["argv"] == ["show", "<pid of step_0>"]
    assert told.note == "A value of an earlier step is filled in when it is known."


async def test_what_is_gone_is_told() -> None:
    tool = a_change()
    (host,) = await commands(a_step(tool, HOSTS[1]), tools=(tool,), hosts=HOSTS[:1])
    (gone,) = await commands(a_step(tool, HOSTS[0]), tools=())
    (_, _, undo) = await commands(
        a_step(tool, HOSTS[0], undo=tool.name, undo_inputs={"a": {"input": "b"}}), tools=(tool,)
    )
    assert (host.note, gone.note) == ("app-02 is not there any more.", "service-restart is not there any more.")
    assert host.request == gone.request == {}
    assert undo.note == "step_1 could not be undone: a was not known before."


async def test_a_connector_without_a_preview_is_told_by_the_tool_and_nothing_is_called(home: Path) -> None:
    tool = a_change(connector="other")
    told = await commands(a_step(tool, HOSTS[0]), tools=(tool,))
    assert told[0].request == {"argv": ["act", "billing"]}
    async with open_stage_e(home, tool) as stage:
        dry = DryRun(ToolCalls({"other": stage.connector}, NoSecrets()), stage.inventory)
        await dry.commands("default", a_plan(a_step(tool, HOSTS[0])), stage.catalogue)
        assert stage.connector.calls == []
        assert await stage.stored.executions("default") == ()
