"""Importing the package does no work: no socket, process, thread or written file, and no look at the environment."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT

# Runs in a process of its own: an audit hook cannot be taken out again. Arguments: the folder on the path, the package.
WATCH = """
import importlib, json, os, pkgutil, sys, threading

root, name = sys.argv[1:]
mine = os.path.join(root, name) + os.sep
faults = []

def importer():
    # The module of ours whose body is running right now, if it is our code that acts and not an import it asked for.
    frame = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib"):
            return None
        if file.startswith(mine):
            return file.removeprefix(root + os.sep)
        frame = frame.f_back
    return None

def excused():
    # asyncssh looks for two C libraries when it is imported; only the lab, a server of it, imports it at the top.
    frame = sys._getframe(2)
    while frame is not None:
        if os.sep + "asyncssh" + os.sep in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False

def hook(event, args):
    if event in ("open", *SPAWNING) and excused():
        return
    if event == "open":
        path, mode, flags = args
        where = importer()
        written = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if where:
            faults.append(f"{where}: opens {path}")
        elif written and not str(path).endswith(".pyc") and ".pyc." not in str(path):
            faults.append(f"{path} is opened for writing")
    elif event.startswith(EVENTS):
        faults.append(f"{importer() or 'a library'}: {event}")

SPAWNING = ("subprocess.Popen", "os.posix_spawn", "os.remove")
EVENTS = ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "sqlite3.", "_thread.start_")
EVENTS += ("subprocess.", "os.system", "os.fork", "os.posix_spawn", "os.exec", "os.mkdir", "os.remove", "os.rename")

class Watched(type(os.environ)):
    def __getitem__(self, key):
        where = importer()
        if where or str(key).startswith("OPSCONDUCTOR"):
            faults.append(f"{where or 'a library'}: reads {key} from the environment")
        return super().__getitem__(key)

sys.path.insert(0, root)
os.environ.__class__ = Watched
sys.addaudithook(hook)
package = importlib.import_module(name)
for found in pkgutil.walk_packages(package.__path__, name + ".", onerror=lambda module: None):
    if not found.name.endswith(".__main__"):
        importlib.import_module(found.name)
faults += [f"thread {one.name} is running" for one in threading.enumerate() if one is not threading.main_thread()]
print(json.dumps({"modules": sum(1 for module in sys.modules if module.split(".")[0] == name), "faults": faults}))
"""


def watch(folder: Path, name: str) -> tuple[int, list[str]]:
    """Import everything below `folder/name` under an audit hook: the number of modules, and what they did."""
    command = [sys.executable, "-B", "-c", WATCH, str(folder), name]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    return found["modules"], found["faults"]


def test_importing_every_module_does_no_work() -> None:
    count, faults = watch(PACKAGE.parent, PACKAGE.name)
    assert faults == []
    assert count > 20


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("import socket\nsocket.socket()", "socket"),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-V'])", "subprocess"),
        ("open(__file__ + '.txt', 'w')", "opens"),
        ("from pathlib import Path\nTEXT = Path(__file__).read_text()", "opens"),
        ("import os\nHOME = os.environ.get('OPSCONDUCTOR_HOME')", "reads OPSCONDUCTOR_HOME"),
        ("import os\nPLACE = os.environ['PATH']", "reads PATH"),
        ("import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()", "thread"),
        ("import sqlite3\nsqlite3.connect(':memory:')", "sqlite3"),
    ],
)
def test_work_at_import_is_found(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "made_up").mkdir()
    (tmp_path / "made_up" / "__init__.py").write_text("")
    (tmp_path / "made_up" / "works.py").write_text(text)
    _, faults = watch(tmp_path, "made_up")
    assert any(fault in line for line in faults), faults


def test_definitions_do_no_work(tmp_path: Path) -> None:
    (tmp_path / "made_up").mkdir()
    (tmp_path / "made_up" / "__init__.py").write_text("import asyncio, json, sqlite3\nLIMIT = 3\n")
    assert watch(tmp_path, "made_up") == (1, [])
