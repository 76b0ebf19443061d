"""A step becomes one call: whole values, the asset's own credential, and an end to waiting."""

import asyncio
from dataclasses import replace

from opsconductor.domain.assets import AssetService
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.stages.e_execute.steps.calls import call_connector, connector_call, target_names
from opsconductor.testing.doubles.connector.scripted import HANG, ScriptedConnectorDouble
from opsconductor.testing.executions import HOSTS, a_change, a_read, a_step

HOST = replace(HOSTS[0], connection={"credential_ref": "app-key", "connector": "ssh"})


def test_the_credential_is_the_targets_or_the_tools_or_none() -> None:
    references = [
        connector_call("default", a_step(a_change(), HOST), a_change(credential=credential), HOST).credential_ref
        for credential in ("target", "shared", "")
    ]
    assert references == ["app-key", "shared", ""]


def test_the_time_out_is_the_steps_in_seconds() -> None:
    call = connector_call("default", a_step(a_change(), HOST, timeout_ms=1500), a_change(), HOST)
    assert call.timeout_s == 1.5
    assert call.inputs == {"service": "billing", "host": "app-01"}
    assert call.target is HOST


async def test_waiting_ends_and_leaves_the_outcome_unknown() -> None:
    call = ConnectorCall(run=a_change().run, inputs={}, tenant="default", timeout_s=0.01)
    answer = await call_connector(ScriptedConnectorDouble(HANG), call)
    assert (answer.outcome, answer.error_code) == ("unknown", "execution.timed_out")
    assert answer.error == "No answer within 0.01 seconds."


async def test_a_connector_that_runs_out_of_time_itself_is_unknown_too() -> None:
    class Slow:
        async def call(self, call: ConnectorCall) -> ConnectorResult:
            async with asyncio.timeout(0):
                await asyncio.Event().wait()
            raise AssertionError

    call = ConnectorCall(run=a_change().run, inputs={}, tenant="default", timeout_s=5)
    assert (await call_connector(Slow(), call)).outcome == "unknown"


def test_expressions_know_what_a_target_is_and_not_how_it_is_reached() -> None:
    names = target_names(replace(HOST, services=(AssetService(name="billing", port=1),)))
    assert isinstance(names, dict)
    assert names["services"] == ["billing"]
    assert names["environment"] == "staging"
    assert "app-key" not in repr(names)
    assert target_names(None) == {}


def test_a_call_tells_whether_it_may_have_an_effect() -> None:
    probe = a_change().probe
    assert probe is not None
    change, read = a_change(), a_read()
    assert connector_call("default", a_step(change, HOST), change, HOST).changing
    assert not connector_call("default", a_step(change, HOST), change, HOST, run=probe.run).changing
    assert not connector_call("default", a_step(read, HOST), read, HOST).changing
