"""Commands run in this process, each as the command line would: arguments in; exit code, output and errors out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from opsconductor.cli.main import run
from tests.service.homes import new_home, trained_cache


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Done]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained_cache(tmp_path_factory)


@pytest.fixture
def fresh(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that no command has used yet, and the one that commands use."""
    home = new_home(tmp_path / "home", trained)
    monkeypatch.setenv("OPSCONDUCTOR_HOME", str(home))
    return home


@pytest.fixture
def cli(fresh: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run one command on the fresh home."""

    def command(*arguments: str) -> Done:
        capsys.readouterr()
        code = run(arguments)
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return Done(code=code, out=told.out, err=told.err)

    return command


@pytest.fixture
def used(cli: Cli) -> Cli:
    """The same, after the first start of the home was told."""
    assert cli("assets", "count").code == 0
    return cli
