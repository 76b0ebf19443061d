"""The reference is what the code says: written anew it is the same, and no setting is left out of it."""

import re

import pytest

from opsconductor.settings import DEFAULTS, PREFIX
from tests.architecture.tree import ROOT
from tools.write_reference import REFERENCE, pages

WRITTEN = pages()


@pytest.mark.parametrize("path", WRITTEN)
def test_what_is_written_from_the_code_is_up_to_date(path: str) -> None:
    assert (REFERENCE / path).read_text("utf-8") == WRITTEN[path], "run tools/write_reference.py"


def test_no_schema_is_left_over() -> None:
    there = {file.relative_to(REFERENCE).as_posix() for file in (REFERENCE / "schemas").iterdir()}
    assert there == {path for path in WRITTEN if path.startswith("schemas/")}


def test_the_fields_of_a_contract_are_described_by_what_stands_beside_them() -> None:
    assert '"description": "per target"' in WRITTEN["schemas/PlanV1.json"]


def test_every_setting_is_described_with_its_default() -> None:
    page = (REFERENCE / "settings.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `([a-z_]+)` \|(.*?)\|", page.partition("## ")[0], re.M))
    assert {name: words.strip(" `") for name, words in told.items() if name != "home"} == DEFAULTS
    assert "home" in told
    assert PREFIX in page


def test_the_glossary_is_in_alphabetical_order() -> None:
    terms = re.findall(r"^\*\*(.+?)\*\*", (REFERENCE / "glossary.md").read_text("utf-8"), re.M)
    assert len(terms) > 20
    assert terms == sorted(terms, key=str.casefold)


def test_every_page_is_reached_from_the_index_of_its_folder() -> None:
    for folder in ("start", "howto", "design", "reference"):
        index = (ROOT / "docs" / folder / "README.md").read_text("utf-8")
        pages_there = {file.name for file in (ROOT / "docs" / folder).glob("*.md")} - {"README.md"}
        assert [name for name in sorted(pages_there) if f"({name})" not in index] == [], folder
