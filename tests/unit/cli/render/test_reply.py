import json
from typing import Any

import pytest

from opsconductor.cli.render.reply import exit_code, show_assets, show_reply, show_result
from opsconductor.domain.response import EXIT_CODES


def reply(kind: str = "answer", **fields: Any) -> dict[str, Any]:
    whole = {"kind": kind, "message": "Done.", "warnings": [], "error": None, "approval": None, "execution": None}
    return {**whole, **fields}


@pytest.mark.parametrize(("kind", "code"), [(kind.value, code) for kind, code in EXIT_CODES.items()])
def test_every_kind_has_its_one_exit_code(kind: str, code: int) -> None:
    assert exit_code(reply(kind)) == code


def test_the_message_stands_alone_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_reply(reply(warnings=["Memories were left out."]), as_json=False) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("Done.\n", "warning: Memories were left out.\n")


def test_a_refusal_tells_its_code_and_what_to_try_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    error = {"code": "scope.out_of_scope", "message": "Done."}
    assert show_reply(reply("refused", error=error), as_json=False) == 6
    assert capsys.readouterr().err == ("refused scope.out_of_scope. Next: Ask what I can do: opsconductor ask help.\n")


def test_as_json_it_is_one_document_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_reply(reply("question", warnings=["w"]), as_json=True) == 4
    told = capsys.readouterr()
    assert (json.loads(told.out)["kind"], told.err) == ("question", "")


def test_an_approval_names_the_next_commands(capsys: pytest.CaptureFixture[str]) -> None:
    approval = {"approval_id": "appr_1", "state": "pending", "step_id": ""}
    assert show_reply(reply("approval_required", approval=approval), as_json=False) == 3
    assert "opsconductor approvals approve appr_1" in capsys.readouterr().out


def test_breakdowns_and_lists_become_tables(capsys: pytest.CaptureFixture[str]) -> None:
    show_result(reply(execution={"output": {"breakdown": {"linux": 4, "windows": 6}}}))
    show_result(reply(execution={"output": {"assets": [{"name": "a", "type": "switch", "x": 1}], "breakdown": {}}}))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == ["what how many", "linux 4", "windows 6", "name type", "a switch"]


@pytest.mark.parametrize("output", [None, 1, "text", [], {}, {"breakdown": {"one": 1}}, {"assets": []}])
def test_what_is_no_list_is_left_to_the_message(capsys: pytest.CaptureFixture[str], output: Any) -> None:
    show_result(reply(execution={"output": output}))
    show_result(reply())
    assert capsys.readouterr().out == ""


def test_assets_show_the_columns_that_say_anything(capsys: pytest.CaptureFixture[str]) -> None:
    show_assets([{"name": "a", "site": "x"}, {"name": "b", "status": ""}])
    show_assets([])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["name", "site"],
        ["a", "x"],
        ["b", "-"],
        ["No", "asset."],
    ]
