"""The folders are the diagram: what may stand at the top, the phases and the stages are pinned here."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, Module, demand_none, modules, sample

TOP_LEVEL = {
    *("domain", "ports", "stages", "phases", "adapters", "services", "lab", "after_turn", "pipeline.py"),
    *("packs", "settings.py", "bootstrap.py", "cli", "server", "worker", "testing", "__init__.py", "py.typed"),
}
PHASES = {
    *("p01_identify", "p02_sense", "p03_update_customer", "p04_retrieve", "p05_select_rules", "p06_orchestrate"),
    *("p07_execute_tools", "p08_plan_response", "p09_generate", "p10_enforce", "p11_persist"),
}
STAGES = {"a_classify", "b_select", "c_plan", "d_answer", "e_execute"}
EXECUTION = {
    *("executor", "approval_manager", "execution_engine", "result_aggregator"),
    *("approvals", "steps", "strategies", "settling"),
}
STRATEGIES = {"simple_execution", "sequential_execution", "parallel_execution"}
AFTER_TURN = {"ingest_memory", "record_analytics", "notify_webhooks", "anchor_audit"}
EMPTY_NAMES = re.compile(
    r"^_*(utils?|helpers?|common|misc|shared|stuff|core|base|manager)(_.*)?$|_(utils?|helpers?|v\d|clean|new|old)$"
)


def names_in(folder: Path) -> set[str]:
    """What stands in a folder, but for caches; a module or package gives its name without `.py`."""
    return {entry.name.removesuffix(".py") for entry in folder.iterdir() if entry.name != "__pycache__"} - {"__init__"}


def test_nothing_stands_at_the_top_that_the_design_does_not_name() -> None:
    found = {entry.name for entry in PACKAGE.iterdir() if entry.name != "__pycache__"}
    packages = {name.removesuffix(".py") for name in TOP_LEVEL}
    assert {name for name in found if name.removesuffix(".py") not in packages} == set()


@pytest.mark.parametrize(("folder", "names"), [("phases", PHASES), ("stages", STAGES), ("after_turn", AFTER_TURN)])
def test_the_folder_lists_the_diagram_and_nothing_else(folder: str, names: set[str]) -> None:
    if (PACKAGE / folder).exists():
        assert names_in(PACKAGE / folder) - names == set()
    if (PACKAGE / "pipeline.py").exists() and folder != "after_turn":
        assert names_in(PACKAGE / folder) == names


def test_stage_e_keeps_the_names_it_was_given() -> None:
    assert names_in(PACKAGE / "stages" / "e_execute") == EXECUTION
    assert names_in(PACKAGE / "stages" / "e_execute" / "strategies") == STRATEGIES


def test_every_folder_with_code_is_a_package() -> None:
    folders = {file.parent for file in PACKAGE.rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_a_pack_is_data() -> None:
    assert [module.path for module in modules() if module.top == "packs"] == []


def says_nothing(module: Module) -> list[str]:
    """The parts of a module's path that say nothing about what it is for."""
    return [f"{module.path}: {part}" for part in module.path.removesuffix(".py").split("/") if EMPTY_NAMES.search(part)]


def test_a_module_is_named_after_what_it_is_for() -> None:
    demand_none(fault for module in modules() for fault in says_nothing(module))


@pytest.mark.parametrize("path", ["ports/utils.py", "lab/ssh_helpers.py", "cli/common/x.py", "server/app_v2.py"])
def test_an_empty_name_is_found(path: str) -> None:
    assert says_nothing(sample("", path))


def test_approval_manager_is_a_name_of_the_design() -> None:
    assert not says_nothing(sample("", "stages/e_execute/approval_manager.py"))
