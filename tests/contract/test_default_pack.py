"""The pack that ships is sound, holds what it promises, and decides as its words say."""

from collections.abc import Mapping
from typing import Any

import pytest

from opsconductor.adapters.catalogue.files import default_pack, open_catalogues, open_checker
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.expressions.cel.engine import INLINE_STEPS, steps_at_most
from opsconductor.adapters.expressions.cel.references import read_references
from opsconductor.adapters.expressions.cel.values import plain_names
from opsconductor.adapters.schema.json_schema import open_schemas
from opsconductor.domain.catalogue import Catalogue, Effect, Tool
from opsconductor.domain.customer import MaskedField, Scope
from opsconductor.domain.identity import Identity
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.risk import is_production
from opsconductor.domain.rule_names import request_names
from opsconductor.domain.rules import Rule, RuleEffect, RuleScope, facets_match
from opsconductor.domain.tool_arguments import filled, filled_argv
from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.glossary import GlossaryReader
from opsconductor.phases.p02_sense.variables import VariableReader
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.services.asset_service.wire import query_of
from opsconductor.stages.d_answer.template import render
from opsconductor.testing.doubles.clock.moving import MovingClockDouble

TOOLS = {
    *("asset-service-query", "asset-show", "host-reachable", "disk-usage"),
    *("service-status", "service-restart", "http-check", "http-check-host"),
    *("service-deploy", "service-version", "service-releases"),
}
WHO = Identity(identity_id="id_1", tenant="default", name="ann")
STATUS: dict[str, Any] = {
    "service": "billing",
    "running": True,
    "pid": 11,
    "started_at": "2026-05-05T12:00:00Z",
    "version": "2.3",
    "answers": True,
    "port": 8080,
}
DISK = {"path": "/", "total_bytes": 10**10, "used_bytes": 4 * 10**9, "free_bytes": 6 * 10**9, "used_percent": 40}
HTTP = {"url": "http://127.0.0.1:8080/", "status": 200, "ok": True, "bytes": 2048, "milliseconds": 7}
REACHED = {"reachable": True, "reason": "connected", "address": "127.0.0.1", "port": 22, "milliseconds": 1}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return open_catalogues(default_pack(), None, MovingClockDouble(), open_expressions(), open_schemas()).current()


async def holds(expression: str, names: Mapping[str, Any]) -> bool:
    return (await open_expressions().evaluate(expression, names)).holds


def rule(catalogue: Catalogue, rule_id: str) -> Rule:
    return next(one for one in catalogue.rules if one.rule_id == rule_id)


def test_it_has_no_faults() -> None:
    assert open_checker(open_expressions(), open_schemas()).check(default_pack()) == ()


def test_it_holds_what_it_promises(catalogue: Catalogue) -> None:
    assert set(catalogue.tools) == TOOLS
    assert len(catalogue.rules) >= 6
    assert {one.effect for one in catalogue.rules} == set(RuleEffect)
    assert [one.rule_id for one in catalogue.rules if one.scope is RuleScope.GLOBAL and one.hard]
    assert [len(scenario.steps) for scenario in catalogue.scenarios] == [3]
    assert len(catalogue.intents) >= 12
    assert all(12 <= len(intent.examples) <= 32 for intent in catalogue.intents)
    assert len(catalogue.glossary) >= 5
    assert {field.scope for field in catalogue.customer_fields} == set(Scope)
    assert len(catalogue.out_of_scope) >= 60
    assert catalogue.agent.agent_id == "ops"


def test_only_restart_and_deployment_change_anything(catalogue: Catalogue) -> None:
    changing = {name for name, tool in catalogue.tools.items() if tool.effect is not Effect.READ}
    assert changing == {"service-restart", "service-deploy"}
    acts = {intent.tools for intent in catalogue.intents if intent.mode is Mode.ACT}
    assert acts == {("service-restart",), ("service-deploy",)}


def test_a_deployment_goes_to_one_host_first_and_goes_back_to_what_ran_before(catalogue: Catalogue) -> None:
    deploy = catalogue.tools["service-deploy"]
    assert (deploy.effect, deploy.canary, deploy.verify, deploy.on_failure) == (
        Effect.COMPENSATABLE,
        1,
        "service-version",
        "undo",
    )
    assert (deploy.undo, deploy.undo_inputs) == (
        "service-deploy",
        {"service": {"input": "service"}, "version": {"before": "version"}},
    )


@pytest.mark.parametrize(
    ("after", "done", "not_done"),
    [
        ({"pid": 12, "version": "2.4"}, True, False),
        ({}, False, True),
        ({"pid": 12}, False, False),
        ({"pid": 12, "version": "2.4", "answers": False}, True, False),  # it runs; whether it is well is looked at
        ({"pid": None, "running": False}, False, False),
    ],
)
async def test_what_reading_back_a_deployment_proves(
    catalogue: Catalogue, after: dict[str, Any], done: bool, not_done: bool
) -> None:
    probe = catalogue.tools["service-deploy"].probe
    assert probe is not None
    names = {"input": {"version": "2.4"}, "before": STATUS, "after": {**STATUS, **after}}
    assert await holds(probe.done, names) is done
    assert await holds(probe.not_done, names) is not_done


@pytest.mark.parametrize(("inputs", "well"), [({"version": "2.3"}, True), ({"version": "2.4"}, False), ({}, True)])
async def test_a_service_is_well_when_it_answers_the_expected_version(
    catalogue: Catalogue, inputs: dict[str, str], well: bool
) -> None:
    (criterion,) = catalogue.tools["service-version"].success
    assert await holds(criterion.expression, {"input": inputs, "output": {"version": "2.3"}}) is well


@pytest.mark.parametrize("version", ["-x", "v2", "2.3;rm", "2 3", "", "../2.3", "2.3\n"])
def test_no_version_is_an_option_a_path_or_a_command(catalogue: Catalogue, version: str) -> None:
    schema = catalogue.tools["service-deploy"].inputs
    assert open_schemas().faults(schema, {"host": "app-01", "service": "billing", "version": version})


def test_every_type_of_the_seed_and_the_lab_has_its_noun(catalogue: Catalogue) -> None:
    nouns = catalogue.agent.settings["nouns"]
    assert isinstance(nouns, Mapping)
    assert {asset.type for asset in seed_assets("default")} | {"linux_server"} <= set(nouns)
    assert nouns["windows_workstation"] == {"one": "Windows workstation", "many": "Windows workstations"}


@pytest.mark.parametrize(
    ("name", "inputs", "output", "words"),
    [
        ("service-status", {"service": "billing"}, STATUS, "app-01: billing is running and answers on port 8080."),
        (
            "service-status",
            {"service": "billing"},
            {**STATUS, "running": False, "answers": False},
            "app-01: billing is not running and does not answer on port 8080.",
        ),
        (
            "service-restart",
            {"service": "billing"},
            STATUS,
            "app-01: billing was restarted and is running as process 11.",
        ),
        ("disk-usage", {}, DISK, "app-01: 40 % of 9.3 GiB used, 5.5 GiB free on /."),
        ("http-check", {}, HTTP, "http://127.0.0.1:8080/ works: status 200, 2.0 KiB in 7 ms."),
        ("http-check-host", {}, HTTP, "app-01: http://127.0.0.1:8080/ works: status 200, 2.0 KiB in 7 ms."),
        ("host-reachable", {}, REACHED, "app-01 is reachable at 127.0.0.1, port 22 (connected)."),
    ],
)
def test_answers_are_worded_from_what_the_tools_give(
    catalogue: Catalogue, name: str, inputs: dict[str, str], output: dict[str, Any], words: str
) -> None:
    rendered = render(
        catalogue.tools[name].answer, {"input": inputs, "target": {"name": "app-01"}, "output": output}, "s"
    )
    assert (rendered.text, rendered.missing) == (words, "")
    assert set(output) <= set(catalogue.tools[name].output)


@pytest.mark.parametrize("query_type", ["count", "list", "group"])
def test_the_asset_service_takes_what_is_asked(catalogue: Catalogue, query_type: str) -> None:
    tool = catalogue.tools["asset-service-query"]
    inputs = {"query_type": query_type, "filters": {"type": ["a", "b"], "site": "HQ"}, "group_by": "site", "limit": 5}
    assert open_schemas().faults(tool.inputs, inputs) == ()
    query = query_of(filled(tool.run.http["body"], inputs))  # type: ignore[arg-type]
    assert (query.query_type, query.group_by, query.limit) == (query_type, "site", 5)
    assert query.filters == {"type": ["a", "b"], "site": "HQ"}
    shown = query_of(filled(catalogue.tools["asset-show"].run.http["body"], {"host": "WS-01"}))  # type: ignore[arg-type]
    assert (shown.query_type, shown.filters) == ("show", {"name": "WS-01"})


@pytest.mark.parametrize("service", ["-x", "--all", "a b", "a;rm", "$(x)", "", "x" * 101, "a\nb"])
def test_no_service_name_is_an_option_or_a_command(catalogue: Catalogue, service: str) -> None:
    for name in ("service-status", "service-restart"):
        tool = catalogue.tools[name]
        assert open_schemas().faults(tool.inputs, {"host": "app-01", "service": service})
        assert filled_argv(tool.run.argv, {"service": "billing"}) == ["svc", name.removeprefix("service-"), "billing"]


@pytest.mark.parametrize(
    ("before", "after", "done", "not_done"),
    [
        ({}, {"pid": 12}, True, False),
        ({}, {}, False, True),
        ({}, {"pid": 12, "answers": False}, False, False),
        ({}, {"pid": None, "running": False, "answers": False}, False, False),
        ({"pid": None, "running": False, "answers": False}, {"pid": 12}, True, False),
        ({"pid": None, "running": False}, {"pid": None, "running": False, "answers": False}, False, False),
        ({}, {"started_at": "2026-05-05T12:00:09Z"}, False, False),
        (None, {"pid": 12}, False, False),
    ],
)
async def test_what_reading_back_a_restart_proves(
    catalogue: Catalogue, before: dict[str, Any] | None, after: dict[str, Any], done: bool, not_done: bool
) -> None:
    probe = catalogue.tools["service-restart"].probe
    assert probe is not None
    names = {"before": None if before is None else {**STATUS, **before}, "after": {**STATUS, **after}}
    assert await holds(probe.done, names) is done
    assert await holds(probe.not_done, names) is not_done


@pytest.mark.parametrize(
    ("output", "met"),
    [({"pid": 12}, True), ({}, False), ({"pid": 12, "answers": False}, False), ({"running": False}, False)],
)
async def test_a_restart_succeeded_only_as_a_new_process_that_answers(
    catalogue: Catalogue, output: dict[str, Any], met: bool
) -> None:
    tool = catalogue.tools["service-restart"]
    names = {"before": STATUS, "output": {**STATUS, **output}}
    assert all([await holds(one.expression, names) for one in tool.success]) is met
    without_pid = {key: value for key, value in names["output"].items() if key != "pid"}
    assert not await holds(tool.success[0].expression, {**names, "output": without_pid})


@pytest.mark.parametrize(
    ("target", "ready"),
    [
        ({"platform": "linux", "services": ["billing"]}, True),
        ({"platform": "windows", "services": ["billing"]}, False),
        ({"platform": "linux", "services": ["storefront"]}, False),
        ({"platform": "linux", "services": []}, False),
    ],
)
async def test_a_restart_needs_a_linux_host_that_runs_the_service(
    catalogue: Catalogue, target: dict[str, Any], ready: bool
) -> None:
    names = {"input": {"service": "billing"}, "target": target}
    tool: Tool = catalogue.tools["service-restart"]
    assert all([await holds(one.expression, names) for one in tool.preconditions]) is ready


@pytest.mark.parametrize(
    ("message", "denied"),
    [
        ("delete the database", True),
        ("Delete the database.", True),
        ("please DROP all tables on db-01!", True),
        ("wipe the disk of app-01", True),
        ("format the drive", True),
        ("remove yesterday's backups", True),
        ("reformat volume 3", True),
        ("how full is the disk on app-01", False),
        ("what disk format does db-01 have", False),
        ("in which format is the database dump", False),
        ("restart ledger-db on db-01", False),
        ("drop me a line about app-01", False),
        ("how many database servers do we have", False),
        ("what is wipe-01", False),
        ("is the undelete service up", False),
        ("???", False),
    ],
)
async def test_destroying_data_is_denied_by_whole_words(catalogue: Catalogue, message: str, denied: bool) -> None:
    evaluation = await open_expressions().evaluate(
        rule(catalogue, "R-destroy-data").condition, request_names(message, "cli", WHO, {})
    )
    assert evaluation.value is denied


@pytest.mark.parametrize(
    ("mode", "customer", "denied"),
    [
        ("act", {"change_freeze": True}, True),
        ("act", {"change_freeze": False}, False),
        ("act", {}, False),
        ("info", {"change_freeze": True}, False),
    ],
)
async def test_a_change_freeze_denies_changes(
    catalogue: Catalogue, mode: str, customer: dict[str, bool], denied: bool
) -> None:
    evaluation = await open_expressions().evaluate(
        rule(catalogue, "R-change-freeze").condition, {"mode": mode, "customer": customer}
    )
    assert evaluation.value is denied


@pytest.mark.parametrize(
    ("mode", "environments", "raised"),
    [
        ("act", ["production"], True),
        ("act", ["staging", "prod"], True),
        ("act", ["prod-eu"], True),
        ("act", ["staging", "reproduction-lab"], False),
        ("act", [], False),
        ("info", ["production"], False),
    ],
)
async def test_changes_in_production_need_a_second_person(
    catalogue: Catalogue, mode: str, environments: list[str], raised: bool
) -> None:
    found = rule(catalogue, "R-production-second-person")
    targets = [{"environment": environment, "production": is_production(environment)} for environment in environments]
    assert found.level == 2
    assert await holds(found.condition, {"mode": mode, "targets": targets}) is raised


@pytest.mark.parametrize(
    ("channel", "text", "passes"),
    [
        ("email", "You have 6 assets in the system.", True),
        ("email", "Write to ann@example.com.", False),
        ("email", "app-01 is reachable at 127.0.0.1, port 40123.", False),
        ("email", "http://127.0.0.1:40123/ works.", False),
        ("email", "The restart took 5 s at 12:00.", False),
        ("cli", "Write to ann@example.com, port 40123.", True),
    ],
)
async def test_replies_by_mail_hold_no_addresses_and_ports(
    catalogue: Catalogue, channel: str, text: str, passes: bool
) -> None:
    found = rule(catalogue, "R-mail-no-addresses")
    assert found.on_missing == "fail"
    assert await holds(found.enforcement, {"channel": channel, "reply": {"text": text}}) is passes


def test_the_same_words_bring_other_rules_for_another_host(catalogue: Catalogue) -> None:
    def fitting(**facets: str) -> set[str]:
        return {one.rule_id for one in catalogue.rules if one.facets and facets_match(one.facets, facets)}

    assert fitting(environment="staging", role="application") == {"R-staging-note"}
    assert fitting(environment="production", role="database") == {"R-production-note", "R-databases-by-release"}
    assert fitting(environment="production", role="web") == {"R-production-note", "R-web-hosts-by-http"}


def test_no_condition_is_dear_for_a_long_message(catalogue: Catalogue) -> None:
    names = request_names("please tell me whether app-01 is up " * 30, "cli", WHO, {"team": "x"})
    names |= {"mode": "act", "tools": ["service-restart"], "reply": {"text": "x" * 8_000, "kind": "answer"}}
    names["targets"] = [{"name": f"h{number}", "environment": "staging", "production": False} for number in range(100)]
    for one in catalogue.rules:
        for expression in filter(None, (one.condition, one.enforcement)):
            references = read_references(expression)
            _, weight = plain_names(names, references.looked_at)
            assert steps_at_most(references, weight) <= INLINE_STEPS, one.rule_id


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("How many desktops do we have?", "How many Windows workstations do we have?"),
        ("bounce billing on this box", "restart billing on this host"),
        ("list all boxes in HQ", "list all assets in HQ"),
        ("restart billing on app-box-01", "restart billing on app-box-01"),
        ("is kick-01 up", "is kick-01 up"),
        ("how many PCs are there", "how many Windows workstations are there"),
        ("what is a change freeze", "what is a change freeze"),
    ],
)
def test_the_glossary_translates_words_and_leaves_names_alone(catalogue: Catalogue, said: str, meant: str) -> None:
    assert GlossaryReader(catalogue.glossary).read(Said(said))[0] == meant


@pytest.mark.parametrize(
    ("said", "key", "value"),
    [
        ("my team is Platform Operations", "team", "Platform Operations"),
        ("the change freeze is on", "change_freeze", "on"),
        ("my e-mail is ann@example.com", "contact", "ann@example.com"),
        ("this is for ticket INC-1234", "ticket", "INC-1234"),
        ("I am working on host app-01 and the disk is full", "current_host", "app-01"),
        ("my usual environment is staging", "preferred_environment", "staging"),
    ],
)
def test_customer_fields_are_found_by_their_examples(catalogue: Catalogue, said: str, key: str, value: str) -> None:
    mask = {
        field.key: MaskedField(scope=field.scope, type=field.type, exists=False, examples=field.examples)
        for field in catalogue.customer_fields
    }
    assert [(found.key, found.value_text) for found in VariableReader(mask).read(Said(said))] == [(key, value)]


def test_what_is_personal_ends_and_what_is_of_the_session_is_not_kept(catalogue: Catalogue) -> None:
    for field in catalogue.customer_fields:
        assert not field.pii or field.retention_days
        assert field.persist is (field.scope is not Scope.SESSION)
