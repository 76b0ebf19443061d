"""Recovery: how long after kill -9 in the middle of an effect a new process tells what became of the order.

    python bench/recovery.py [--runs N] [--json]

Each run approves a restart whose effect takes half a second, kills the engine's process (SIGKILL) at a random moment
after the effect was asked for, and starts a new process at once. The time runs from the kill to the new process's word:
start of the interpreter, opening of the engine, reading back and closing included. What is told has to be what the
World did. Target: p95 of at most 5 s.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from opsconductor.adapters.clock.system import SystemClock
from opsconductor.domain.states import TERMINAL
from opsconductor.testing.client_log import ClientLog, read_client_log
from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.frozen import freeze
from opsconductor.testing.crash.place import Place
from opsconductor.testing.crash.plans import PLANS
from opsconductor.testing.crash.turns import approve_with, look_after
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.world.log import ASKED, DONE
from opsconductor.testing.world.process import World, running_world
from opsconductor.testing.world.realm import SLOW

EFFECT_S = 0.5
TARGET_S = 5.0
PATIENCE_S = 60.0


def main() -> int:
    """Run, or be one of the processes of a run."""
    options = arguments()
    if options.process:
        folder, port = options.at
        place = Place(folder=Path(folder), port=int(port), realm=Path(folder).name)
        asyncio.run({"prepare": prepare, "approve": approve, "recover": recover}[options.process](place))
        return 0
    took = []
    with tempfile.TemporaryDirectory(prefix="recovery-") as folder, running_world(Path(folder) / "world") as world:
        for number in range(options.runs):
            took.append(one_run(Path(folder) / f"run-{number}", world, random.Random(number)))
            say(f"run {number + 1} of {options.runs}: {took[-1]:.2f} s")
    took.sort()
    p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
    report = {"runs": len(took), "p50_s": round(took[len(took) // 2], 3), "p95_s": round(p95, 3)}
    report |= {"max_s": round(took[-1], 3), "target_s": TARGET_S}
    print(json.dumps(report) if options.json else "\n".join(f"{key}: {value}" for key, value in report.items()))
    return int(p95 > TARGET_S)


def one_run(folder: Path, world: World, chance: random.Random) -> float:
    """Seconds from the kill to the word; the word is held against the World."""
    folder.mkdir()
    place = Place(folder=folder, port=world.port, realm=folder.name)
    world.behave(place.realm, "restart", "step_1", SLOW, after_s=EFFECT_S)
    process("prepare", place).wait()
    engine = process("approve", place)
    until(lambda: any(entry.what == ASKED for entry in world.log(place.realm)))
    time.sleep(chance.uniform(0, EFFECT_S))
    engine.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    engine.wait()
    if process("recover", place).wait() != 0:
        raise SystemExit("Recovery broke off.")
    took = time.monotonic() - killed
    told = read_client_log(place.client_log)[1][-1].status
    done = any(entry.what == DONE for entry in world.log(place.realm))
    if told != ("succeeded" if done else "failed"):
        raise SystemExit(f"It was told that the restart {told}; in the World it was {'' if done else 'not '}done.")
    return took


def process(what: str, place: Place) -> subprocess.Popen[bytes]:
    """One of the processes of a run, from the start of its interpreter on."""
    command = [sys.executable, __file__, "--process", what, "--at", str(place.folder), str(place.port)]
    return subprocess.Popen(command, env=os.environ)


async def prepare(place: Place) -> None:
    """A home with a plan that waits for its approval."""
    async with opened_engine(place, KillingFailpointsDouble(), real_time=SystemClock()) as engine:
        await freeze(engine, PLANS["restart"].make(engine.catalogues.current(), True))


async def approve(place: Place) -> None:
    """The process that is killed."""
    async with opened_engine(place, KillingFailpointsDouble(), real_time=SystemClock()) as engine:
        await approve_with(engine, place)


async def recover(place: Place) -> None:
    """The process that tells."""
    client = ClientLog(place.client_log)
    async with opened_engine(place, KillingFailpointsDouble(), real_time=SystemClock()) as engine:
        while True:
            for reply in await look_after(engine):
                client.shown(reply)
                if reply.execution is not None and reply.execution.status in TERMINAL - {"unknown"}:
                    return
            await engine.clock.sleep(0.1)


def until(holds: Callable[[], bool]) -> None:
    """Wait for it."""
    last = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > last:
            raise SystemExit("The effect was never asked for.")
        time.sleep(0.005)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="how many kills (default 20)")
    parser.add_argument("--json", action="store_true", help="the figures as one line of JSON")
    parser.add_argument("--process", choices=["prepare", "approve", "recover"], help=argparse.SUPPRESS)
    parser.add_argument("--at", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def say(words: str) -> None:
    """Progress, beside the figures."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
