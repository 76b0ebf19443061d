"""What runs is an argv list, a request or a built-in; values are placed whole and never spliced into text."""

import pytest

from opsconductor.adapters.catalogue.files.declare_run import placeholders
from tests.unit.adapters.catalogue.files.conftest import SmallPack

LOOK = "tools/disk-look.yaml"
HTTP = """\
name: ask
version: "1"
description: Asks.
effect: read
risk: low
connector: http
platforms: []
targets: none
inputs:
  type: object
  properties:
    kind: {type: string}
    url: {type: string, x-entity: url}
run:
  http:
    service: asset_service
    method: POST
    path: /query
    body: {query_type: count, filters: {type: {input: kind}}}
estimate: 1
timeout_class: fast_read
"""


@pytest.mark.parametrize(
    ("run", "fault"),
    [
        ("argv: [df, '{input: path}']", "'{input: path}' has braces; nothing is filled into text."),
        ("argv: [df, '-h {path}']", "'-h {path}' has braces"),
        ("argv: [df, {input: pth}]", "The input 'pth' cannot be used here."),
        ("argv: [df, {input: path, else: x}]", "neither text nor an input"),
        ("argv: [df, {inputs: path}]", "neither text nor an input"),
        ("argv: [df, [path]]", "neither text nor an input"),
        ("argv: [df, 5]", "neither text nor an input"),
        ("argv: [{input: path}]", "The first word of argv is no literal text."),
        ("argv: df", "argv is no list of words."),
        ("argv: []", "argv is no list of words."),
        ("http: {method: GET}", "The connector ssh takes no http."),
        ("builtin: tcp_connect", "The connector ssh takes no builtin."),
        ("shell: df {path}", "Run has no field 'shell'."),
        ("argv: [df]\n  parse: yaml", "parse 'yaml' is not known."),
        ("argv: [df]\n  ok_exits: [0, 300]", "ok_exits is no list of exit codes."),
    ],
)
def test_fault_of_an_argv(pack: SmallPack, run: str, fault: str) -> None:
    line = pack.edit(LOOK, "argv: [df, {input: path}]", run)
    found = [one for one in pack.faults() if fault in one]
    assert found, pack.faults()
    assert int(found[0].split(":")[1]) in (line - 1, line, line + 1)


def test_only_inputs_that_are_always_there_stand_in_an_argv(pack: SmallPack) -> None:
    pack.edit(LOOK, "required: [host, path]", "required: [host]")
    assert pack.faults() == [
        f"{LOOK}:16: The input 'path' cannot be used here. — An argv takes only required inputs: host."
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        ("service: asset_service", "service: asset-service", 16, "service 'asset-service' is not known."),
        ("method: POST", "method: SEND", 17, "method 'SEND' is not known."),
        ("path: /query", "path: query", 18, "path 'query' is no plain path."),
        ("path: /query", "path: /query/{kind}", 18, "path '/query/{kind}' is no plain path."),
        ("{input: kind}", "{input: knd}", 19, "The input 'knd' cannot be used here."),
        ("{input: kind}", "'the {kind}'", 19, "'the {kind}' has braces"),
        ("{input: kind}", "{input: kind, or: x}", 19, "{input: …} stands beside other keys."),
        ("service: asset_service", "url: https://example.com", 16, "url is no input."),
        ("service: asset_service", "url: {input: url}\n    service: asset_service", 16, "names two addresses."),
        ("path: /query", "headers: {a: b}", 18, "The request has no field 'headers'."),
    ],
)
def test_fault_of_a_request(pack: SmallPack, old: str, new: str, line: int, fault: str) -> None:
    pack.write("tools/ask.yaml", HTTP)
    assert pack.faults() == []
    pack.edit("tools/ask.yaml", old, new)
    assert [one for one in pack.faults() if one.startswith(f"tools/ask.yaml:{line}: ") and fault in one], pack.faults()


def test_a_builtin_has_to_exist(pack: SmallPack) -> None:
    pack.write("tools/ask.yaml", HTTP[: HTTP.index("run:")].replace("connector: http", "connector: network"))
    text = (pack.folder / "tools/ask.yaml").read_text() + "run: {builtin: tcp_conect}\nestimate: 1\n"
    pack.write("tools/ask.yaml", text + "timeout_class: fast_read\n")
    assert pack.faults() == [
        "tools/ask.yaml:14: builtin 'tcp_conect' is not known. — Did you mean tcp_connect?",
    ]


def test_placeholders_are_found_anywhere() -> None:
    assert placeholders({"a": [{"input": "x"}, "y"], "b": {"c": {"input": "z"}}, "d": {"input": "w", "e": 1}}) == [
        "x",
        "z",
    ]
