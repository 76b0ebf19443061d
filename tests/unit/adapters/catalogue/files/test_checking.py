"""A sound pack has no faults; every fault of a bad one is told at once."""

from pathlib import Path

import pytest

from opsconductor.adapters.catalogue.files.checking import Checker
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import open_schemas
from opsconductor.domain.errors import NotFound
from tests.unit.adapters.catalogue.files.conftest import SmallPack


def test_the_small_pack_is_sound(pack: SmallPack) -> None:
    checked = pack.check()
    assert checked.faults == ()
    assert checked.places == {"disk-clean": "tools/disk-clean.yaml:1", "disk-look": "tools/disk-look.yaml:1"}
    assert [tool["name"] for tool in checked.declaration["tools"]] == ["disk-clean", "disk-look"]


def test_all_faults_are_told_not_only_the_first(pack: SmallPack) -> None:
    pack.edit("agent.yaml", "id: ops\n", "")
    line = pack.edit("tools/disk-look.yaml", "risk: low", "risk: tiny")
    pack.edit("rules/rules.yaml", "scope: AGENT", "scope: LOCAL")
    assert pack.faults() == [
        "agent.yaml:1: The agent lacks id. — Add a line `id: …`.",
        "rules/rules.yaml:11: scope 'LOCAL' is not known. — Did you mean GLOBAL?",
        f"tools/disk-look.yaml:{line}: risk 'tiny' is not known. — Write one of: critical, high, low, medium.",
    ]


def test_a_file_that_cannot_be_read_does_not_make_others_look_wrong(pack: SmallPack) -> None:
    pack.write("tools/disk-look.yaml", "name: disk-look\nname: again\n")
    assert pack.faults() == [
        "tools/disk-look.yaml:2: The key 'name' is given twice; first in line 1. — Remove one of the two."
    ]


@pytest.mark.parametrize("file", ["tools/disk-look.yaml", "rules/rules.yaml", "glossary.yaml", "agent.yaml"])
@pytest.mark.parametrize("content", ["just text", "- 1\n- 2\n", "a: {b: [}", "null", "[]", "key: [1, {a: 2}]"])
def test_any_content_gives_faults_and_never_an_exception(pack: SmallPack, file: str, content: str) -> None:
    pack.write(file, content)
    empty_list = content == "[]" and file in ("rules/rules.yaml", "glossary.yaml")
    assert bool(pack.faults()) is not empty_list


def test_a_pack_needs_an_agent(pack: SmallPack) -> None:
    (pack.folder / "agent.yaml").unlink()
    assert pack.faults()[0].startswith("agent.yaml:1: The pack has no agent.yaml.")


def test_several_tools_may_share_a_file(pack: SmallPack) -> None:
    both = [pack.files[f"tools/disk-{name}.yaml"] for name in ("look", "clean")]
    (pack.folder / "tools" / "disk-look.yaml").unlink()
    (pack.folder / "tools" / "disk-clean.yaml").unlink()
    items = ["- " + text.strip().replace("\n", "\n  ") for text in both]
    pack.write("tools/all.yaml", "\n".join(items))
    checked = pack.check()
    assert checked.faults == ()
    assert checked.places["disk-clean"] == f"tools/all.yaml:{len(both[0].splitlines()) + 1}"


def test_a_name_that_is_taken_is_a_fault(pack: SmallPack) -> None:
    pack.write("tools/other.yaml", pack.files["tools/disk-look.yaml"])
    assert pack.faults() == [
        "tools/other.yaml:1: The name 'disk-look' is taken by tools/disk-look.yaml:1. — Choose another one."
    ]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as missing:
        Checker(open_expressions(), open_schemas()).check_folder(tmp_path / "nowhere")
    assert missing.value.code == "pack.not_found"
