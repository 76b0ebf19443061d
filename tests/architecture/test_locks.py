"""Locks: everything pinned with hashes, no registry's address, and the package asks for what the lock holds."""

import re
import subprocess
import tomllib

import pytest

from tests.architecture.tree import ROOT

REQUIREMENTS = ROOT / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("*.txt"))
ADDRESS = re.compile(r"://|--(extra-)?index-url|--find-links|registry\s*=")


def wanted(name: str) -> set[str]:
    """The requirement lines of one `.in` file, those it includes left out."""
    lines = (REQUIREMENTS / name).read_text("utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith(("#", "-r"))}


def pinned(name: str) -> dict[str, set[str]]:
    """Each package of a lock with its versions (more than one where they differ by platform)."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", (REQUIREMENTS / name).read_text("utf-8"), re.M
    ):
        found.setdefault(package, set()).add(version)
    return found


def normal(requirement: str) -> str:
    """A package's name as locks spell it."""
    return re.split(r"[\s;\[<>=!~]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def tracked(*patterns: str) -> list[str]:
    """The tracked files that match, or all files of the requirements where this is no git clone."""
    done = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() or [
        f"requirements/{file.name}" for file in REQUIREMENTS.iterdir() if file.is_file()
    ]


def test_the_package_asks_for_what_the_lock_holds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project["dependencies"]) == wanted("base.in")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_a_version_and_hashes(lock: object) -> None:
    text = (REQUIREMENTS / getattr(lock, "name", "")).read_text("utf-8")
    for entry in re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.M).strip()):
        assert re.match(r"[A-Za-z0-9_.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_every_lock_is_of_its_wish_list() -> None:
    assert {file.stem for file in REQUIREMENTS.glob("*.in")} - {file.stem for file in LOCKS} == {"build"}
    for lock in LOCKS:
        missing = {normal(one) for one in wanted(f"{lock.stem}.in")} - set(pinned(lock.name))
        assert missing == set(), lock.name


def test_the_tests_run_against_what_users_get() -> None:
    assert {name: found for name, found in pinned("base.txt").items() if pinned("dev.txt").get(name) != found} == {}
    assert pinned("bootstrap.txt")["uv"] == pinned("dev.txt")["uv"]
    assert wanted("build.in") <= set(pinned("base.txt"))


def test_no_lock_names_an_address() -> None:
    files = tracked("requirements", "*lock*.json", "*.lock", ".npmrc", "*/.npmrc")
    text = {file: (ROOT / file).read_text("utf-8") for file in files if not file.endswith(".sh")}
    found = [f"{file}: {line}" for file, lines in text.items() for line in lines.splitlines() if ADDRESS.search(line)]
    assert found == []
    assert "requirements/base.txt" in text


@pytest.mark.parametrize(
    "line", ["--index-url https://x/simple", '"resolved": "https://x/y.tgz"', "--find-links /opt/x"]
)
def test_an_address_is_found(line: str) -> None:
    assert ADDRESS.search(line)
