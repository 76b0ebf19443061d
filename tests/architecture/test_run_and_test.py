"""`./run` and `./test` themselves, on made-up clones: no network, no packages, real shells."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

FILES = (
    "run",
    "test",
    ".ci/run",
    "pyproject.toml",
    "requirements/setup.sh",
    "requirements/base.txt",
    "requirements/dev.txt",
)
SHELL_TOOLS = ("sh", "cat", "cmp", "readlink")
SET_UP_TOOLS = (*SHELL_TOOLS, "rm", "mkdir", "cp", "grep", "tail", "cut", "sed", "ln", "chmod", "sleep", "date")


def program(path: Path, *lines: str) -> Path:
    """Write a small shell program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


def run(*command: str | Path, path: Path, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing but `path` to find programs in."""
    env = {"PATH": str(path), "HOME": str(path), **more}
    return subprocess.run(
        [*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True, timeout=50, check=False
    )


def tools(folder: Path, names: tuple[str, ...]) -> Path:
    """A folder with these of the system's programs and no other."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone in a folder with a space in its name, reduced to what the set-up reads."""
    root = tmp_path / "a clone"
    for name in (*FILES, "requirements/bootstrap.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    return root


@pytest.fixture
def ready(clone: Path) -> Path:
    """The same clone after its set-up: programs that repeat their arguments, and the stamps."""
    bin_folder = clone / ".venv" / "bin"
    program(
        bin_folder / "opsconductor",
        'for one; do echo "[$one]"; done',
        'echo "bytecode: ${PYTHONDONTWRITEBYTECODE-written}"',
        "exit 3",
    )
    program(bin_folder / "python", 'echo "python $*"', 'echo "CI=$CI"', "echo '1 passed in 0.01s'")
    for name in ("ruff", "mypy", "lint-imports"):
        program(bin_folder / name, f'echo "{name} $*"')
    for level in ("base", "dev"):
        stamp = subprocess.run(
            ["sh", clone / "requirements/setup.sh", "stamp", level, clone], capture_output=True, check=True
        )
        (clone / ".venv" / f"stamp-{level}").write_bytes(stamp.stdout)
    return clone


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    return tools(tmp_path / "shell tools", SHELL_TOOLS)


def test_a_later_run_compares_the_stamp_and_hands_over_without_python(ready: Path, shell: Path) -> None:
    done = run(ready / "run", "ask", 'How many "assets"?', "*", path=shell, PYTHONDONTWRITEBYTECODE="1")
    assert done.stdout.splitlines() == ["[ask]", '[How many "assets"?]', "[*]", "bytecode: written"]
    assert (done.stderr, done.returncode) == ("", 3)


def test_without_arguments_it_serves_with_the_lab(ready: Path, shell: Path) -> None:
    assert run(ready / "run", path=shell).stdout.splitlines()[:2] == ["[serve]", "[--lab]"]


def test_it_runs_from_any_folder_and_through_a_link(ready: Path, shell: Path, tmp_path: Path) -> None:
    (tmp_path / "ops").symlink_to(ready / "run")
    assert run("./run", "ask", path=shell, cwd=ready).returncode == 3
    assert run("../a clone/run", "ask", path=shell, cwd=shell).returncode == 3
    assert run("./ops", "ask", path=shell, cwd=tmp_path).returncode == 3


@pytest.mark.parametrize("changed", ["requirements/base.txt", "pyproject.toml", "requirements/setup.sh"])
def test_a_change_of_what_is_installed_starts_the_set_up(ready: Path, shell: Path, changed: str) -> None:
    with (ready / changed).open("a") as file:
        file.write("# changed\n")
    done = run(ready / "run", "ask", path=shell)
    assert (done.stdout, done.returncode) == ("", 1)
    assert "Python 3.11 or later is needed; found none." in done.stderr


def test_a_moved_clone_starts_the_set_up(ready: Path, shell: Path) -> None:
    moved = ready.rename(ready.with_name("moved"))
    assert "is needed" in run(moved / "run", "ask", path=shell).stderr


def test_a_python_that_is_too_old_is_told_with_a_remedy(clone: Path, shell: Path) -> None:
    program(shell / "python3", '[ "$1" != -V ] || { echo "Python 3.9.2"; exit 0; }', "exit 1")
    done = run(clone / "run", path=shell)
    assert done.stderr.splitlines() == [
        "./run: Python 3.11 or later is needed; found Python 3.9.2 (python3).",
        "./run: remedy: install one (Debian, Ubuntu: apt-get install python3; macOS: brew install python), "
        "or set PYTHON=/path/to/python3.",
    ]
    assert done.returncode == 1


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The programs of a machine whose Python fetches a `uv` that only pretends to install, and lists its calls."""
    folder = tools(tmp_path / "machine", SET_UP_TOOLS)
    program(
        folder / "pretended-uv",
        f'echo "$*" >>"{folder}/calls"',
        "sleep 0.2",
        "for last; do :; done",
        'case $1 in venv) mkdir -p "$last/bin" && ln -s "$3" "$last/bin/python" ;; esac',
        'case $* in *--editable*) printf "#!/bin/sh\\necho started\\n" >"$last/.venv/bin/opsconductor"',
        'chmod +x "$last/.venv/bin/opsconductor" ;; esac',
    )
    program(
        folder / "python3",
        f'real="{sys.executable}"',
        'case "$1 $2 $3" in',
        '"-m pip --version") exit "${NO_PIP:-0}" ;;',
        '"-m pip config") exit 1 ;;',
        '"-m venv "*) exit 1 ;;',
        '"-m pip install")',
        '    [ -z "${NO_NETWORK:-}" ] || { echo "ERROR: No matching distribution found for uv" >&2; exit 1; }',
        '    while [ "$1" != --target ]; do shift; done',
        f'    mkdir -p "$2/bin" && cp "{folder}/pretended-uv" "$2/bin/uv"; exit ;;',
        "esac",
        'exec "$real" "$@"',
    )
    return folder


def calls(machine: Path) -> list[str]:
    """The first two words of each call of the pretended installer."""
    file = machine / "calls"
    return [" ".join(line.split()[:2]) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_first_run_sets_up_and_starts_and_the_next_one_only_starts(clone: Path, machine: Path) -> None:
    before = {file for file in clone.rglob("*") if ".venv" not in file.parts}
    first = run(clone / "run", "ask", path=machine)
    assert (first.stdout, first.returncode) == ("started\n", 0), first.stderr
    assert [line.split()[1] for line in first.stderr.splitlines()] == ["setting", "1/3", "2/3", "3/3"]
    assert len(calls(machine)) == 3
    second = run(clone / "run", "ask", path=machine)
    assert (second.stdout, second.stderr, len(calls(machine))) == ("started\n", "", 3)
    left = {file.name for file in clone.rglob("*") if ".venv" not in file.parts} - {file.name for file in before}
    assert left == {".venv-setup.lock", ".venv-setup.log"}


def test_a_changed_lock_installs_the_difference(clone: Path, machine: Path) -> None:
    run(clone / "run", path=machine)
    (clone / ".venv/kept").touch()
    with (clone / "requirements/base.txt").open("a") as file:
        file.write("# changed\n")
    assert run(clone / "run", path=machine).stdout == "started\n"
    assert (clone / ".venv/kept").exists()


def test_a_moved_environment_is_made_anew(clone: Path, machine: Path) -> None:
    run(clone / "run", path=machine)
    moved = clone.rename(clone.with_name("moved"))
    (moved / ".venv/from-before").touch()
    assert run(moved / "run", path=machine).stdout == "started\n"
    assert not (moved / ".venv/from-before").exists()


def test_a_half_made_environment_is_made_anew(clone: Path, machine: Path) -> None:
    program(clone / ".venv/bin/python", "exit 0")
    (clone / ".venv/half-made").touch()
    assert run(clone / "run", path=machine).stdout == "started\n"
    assert not (clone / ".venv/half-made").exists()


def test_first_runs_at_the_same_time_set_up_once(clone: Path, machine: Path) -> None:
    env = {"PATH": str(machine), "HOME": str(machine)}
    command = [str(clone / "run"), "ask"]
    several = [
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [one.communicate(timeout=50)[0] for one in several] == ["started\n"] * 4
    assert len(calls(machine)) == 3


def test_without_a_network_the_last_error_and_a_remedy_are_told(clone: Path, machine: Path) -> None:
    done = run(clone / "run", path=machine, NO_NETWORK="1")
    *_, told, remedy = done.stderr.splitlines()
    assert told == "./run: cannot download uv, the installer: ERROR: No matching distribution found for uv"
    assert remedy.startswith("./run: remedy: connect to the network")
    assert (done.stdout, done.returncode) == ("", 1)
    assert run(clone / "run", path=machine).stdout == "started\n"


def test_without_pip_and_venv_the_package_to_install_is_named(clone: Path, machine: Path) -> None:
    done = run(clone / "run", path=machine, NO_PIP="1")
    assert "python3-venv" in done.stderr.splitlines()[-1]
    assert done.returncode == 1


def test_a_folder_that_cannot_be_locked_is_told(clone: Path, machine: Path) -> None:
    (clone / ".venv-setup.lock").mkdir()
    done = run(clone / "run", path=machine)
    assert "remedy: use a clone in a folder that is yours" in done.stderr
    assert done.returncode == 1


def test_test_runs_every_check_and_ends_with_pytests_line(ready: Path, shell: Path) -> None:
    done = run(ready / "test", path=shell)
    checks = [line for line in done.stdout.splitlines() if line and not line.startswith(("==", "CI="))]
    assert checks == [
        "ruff check .",
        "ruff format --check .",
        "mypy ",
        "lint-imports ",
        "python -m pytest -n 2",
        "1 passed in 0.01s",
    ]
    assert done.returncode == 0


def test_test_with_arguments_runs_pytest_only(ready: Path, shell: Path) -> None:
    assert run(ready / "test", "-k", "a b", path=shell).stdout.splitlines()[0] == "python -m pytest -k a b"
    assert run(ready / "test", "-m", "fast", path=shell).stdout.splitlines()[0] == "python -m pytest -n 2 -m fast"


def test_the_long_form_runs_every_check(ready: Path, shell: Path) -> None:
    lines = run(ready / "test", "--long", path=shell).stdout.splitlines()
    assert {"ruff check .", "python -m pytest -n 2 --long"} <= set(lines)


@pytest.mark.parametrize("name", ["ruff", "mypy", "lint-imports", "python"])
def test_one_failing_check_fails_the_whole_and_is_named(ready: Path, shell: Path, name: str) -> None:
    program(ready / ".venv/bin" / name, "exit 1")
    done = run(ready / "test", path=shell)
    assert done.returncode == 1
    assert f"  {name}" in done.stdout.partition("these failed:")[2]


def test_continuous_integration_runs_the_test_command(ready: Path) -> None:
    done = run("bash", ready / ".ci/run", path=Path(os.environ["PATH"]))
    assert "CI=true" in done.stdout
    assert "python -m pytest -n 2 --long" in done.stdout
    assert (done.stdout.splitlines()[-1], done.returncode) == ("1 passed in 0.01s", 0)
