"""The documentation is true: its sessions run as shown, its links lead somewhere, and decisions keep their form."""

import re
import sys
from pathlib import Path

import pytest

from tests.architecture.doc_sessions import Step, agrees, play, steps
from tests.architecture.tree import ROOT

PAGES = [ROOT / "README.md", ROOT / "changes" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
STORIES = [page for page in PAGES if steps(page.read_text("utf-8"))]
ID, OTHER_ID = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "0190ffff-c3d4-7e5f-8a9b-ffffffffffff"
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("page", STORIES, ids=name)
def test_every_session_of_the_documentation_prints_what_it_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "me").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    complaints = play(steps(page.read_text("utf-8")), tmp_path / "home", Path(sys.executable).parent, ROOT)
    assert not complaints, "\n\n".join(complaints)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    linked = LINK.findall(re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S))
    assert [target for target in linked if target != "NNNN-name.md" and not (page.parent / target).exists()] == []


def test_the_readme_opens_with_the_two_commands() -> None:
    block = re.search(r"^```(?:sh)?\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
    assert block
    commands = [line.removeprefix("$ ") for line in block[1].splitlines()]
    assert './run ask "How many assets do we have?"' in commands
    assert "./test" in commands or "./test" in (ROOT / "README.md").read_text("utf-8")


def test_decisions_are_numbered_and_keep_the_form_of_the_template() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(page for page in folder.glob("*.md") if page.stem not in {"README", "template"})
    form = re.findall(r"^## .*$", (folder / "template.md").read_text("utf-8"), re.M)
    listed = (folder / "README.md").read_text("utf-8")
    assert [page.stem[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text("utf-8")
        assert re.findall(r"^## .*$", text, re.M) == form, page.name
        assert re.search(r"^Status: (proposed|accepted|replaced by .*)\. Date: \d{4}-\d\d-\d\d\.$", text, re.M), (
            page.name
        )
        assert page.name in listed, page.name


def test_changelog_fragments_are_of_a_known_kind() -> None:
    fragments = {file.name for file in (ROOT / "changes").iterdir()} - {"README.md"}
    assert [
        name for name in fragments if not re.fullmatch(r"\+[a-z0-9-]+\.(added|changed|fixed|security)\.md", name)
    ] == []


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with an `opsconductor` that repeats its arguments and tells which home it was given."""
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / "opsconductor"
    prints = ['echo "asked: $*"', 'echo "home: $OPSCONDUCTOR_HOME" >&2', f"echo exec_{ID}"]
    program.write_text("\n".join(["#!/bin/sh", *prints, ""]))
    program.chmod(0o755)
    return folder


def test_a_session_that_is_true_is_accepted(tmp_path: Path, programs: Path) -> None:
    page = f"```sh\n$ ./run ask 'a  b' \\\n    c\nasked: ask a  b c\n...\nexec_{OTHER_ID}\n$ echo x\nx\n```\n"
    assert [step.command for step in steps(page)] == ["./run ask 'a  b' \\\n    c", "echo x"]
    assert play(steps(page), tmp_path / "home", programs, tmp_path) == []


def test_a_session_that_is_false_is_found(tmp_path: Path, programs: Path) -> None:
    page = (
        f"```sh\n$ opsconductor ask\nasked: nothing\n...\n$ ./run show\nasked: show\nhome: {tmp_path}/home\n...\n```\n"
    )
    complaints = play(steps(page), tmp_path / "home", programs, tmp_path)
    assert [complaint.splitlines()[0] for complaint in complaints] == ["$ opsconductor ask"]


def test_an_id_that_is_used_again_is_the_one_that_was_printed(tmp_path: Path, programs: Path) -> None:
    page = f"```sh\n$ ./run ask\n...\nexec_{OTHER_ID}\n$ echo exec_{OTHER_ID} | cut -c6-13\n{ID[:8]}\n```\n"
    assert play(steps(page), tmp_path / "home", programs, tmp_path) == []


def test_a_file_that_a_page_shows_is_there(tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    page = "```yaml\n# file: ~/a/b.yaml\nname: 'x'\n```\n```sh\n$ ./run ask\n...\n$ cat ~/a/b.yaml\nname: 'x'\n```\n"
    assert play(steps(page), tmp_path / "home", programs, tmp_path) == []


def test_a_server_runs_beside_a_session_and_ends_with_it(tmp_path: Path, programs: Path) -> None:
    server, here = programs / "server", tmp_path / "here"
    server.write_text(
        f"#!/bin/sh\ntouch {here}\ntrap 'rm {here}; exit' TERM\necho Stop with me\nwhile :; do sleep 0.1; done\n"
    )
    server.chmod(0o755)
    look = f"$ ./run ask\n...\n$ ls {here}\n"
    page = f"```sh\n{look}```\n<!-- beside: server -->\n```sh\n{look}{here}\n```\n"
    complaints = play(steps(page), tmp_path / "home", programs, tmp_path)
    assert [complaint.splitlines()[0] for complaint in complaints] == [f"$ ls {here}"]
    assert "No such file" in complaints[0]
    assert not here.exists()


@pytest.mark.parametrize("page", ["```sh\nls\n```\n", "```json\n$ ./run\n```\n", "```\n$ ./run\n```\n"])
def test_other_blocks_are_not_run(page: str) -> None:
    assert steps(page) == []


def test_ids_times_and_durations_may_differ_and_nothing_else() -> None:
    shown = f"turn_{ID} took 1.2 s at 2026-01-01T00:00:00.000Z: 6 assets"
    assert agrees(shown, f"turn_{OTHER_ID} took 0.9 s at 2026-05-01T10:00:00.000Z: 6 assets\n")
    assert not agrees(shown, shown.replace("6 assets", "7 assets"))
    assert not agrees(Step("x", "").shown, "anything")
