from pathlib import Path

import pytest

import opsconductor.adapters
from opsconductor.adapters.sql_statements import Statements

FILES = sorted(Path(opsconductor.adapters.__file__).parent.glob("*/*/queries/*.sql"))


def statements(file: Path) -> Statements:
    package = ".".join(("opsconductor", "adapters", *file.parts[-4:-2]))
    return Statements(package, file.stem)


def test_there_are_files() -> None:
    assert len(FILES) > 6


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parts[-4]}/{file.stem}")
def test_each_statement_is_named_and_used(file: Path) -> None:
    code = "".join(source.read_text("utf-8") for source in file.parent.parent.glob("*.py"))
    if f"in _{file.stem.upper()}:" in code:  # all of them, one after the other
        return
    for name in statements(file):
        put_together = f'f"{name.rpartition("_")[0]}_{{'  # f"counts_by_{field}"
        assert f'"{name}"' in code or put_together in code, f"{file.name}: nothing uses {name}"


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Statements("opsconductor.adapters.storage.sqlite", "turns")["missing"]


def package_with(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Statements:
    name = f"made_up_{folder.name}"  # of its own: a package that was imported once is not looked for again
    (folder / name / "queries").mkdir(parents=True)
    (folder / name / "__init__.py").touch()
    (folder / name / "queries" / "things.sql").write_text(text)
    monkeypatch.syspath_prepend(folder)
    return Statements(name, "things")


def test_a_statement_is_the_text_under_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "-- one: the first\nSELECT 1;\n\n-- two: the second\nSELECT 2 -- a comment\nFROM x;\n"
    found = package_with(tmp_path, text, monkeypatch)
    assert {name: found[name] for name in found} == {"one": "SELECT 1", "two": "SELECT 2 -- a comment\nFROM x"}


def test_a_name_twice_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = package_with(tmp_path, "-- one: a\nSELECT 1;\n-- one: b\nSELECT 2;\n", monkeypatch)
    with pytest.raises(ValueError, match="one"):
        list(found)
