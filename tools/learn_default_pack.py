"""Learn the default pack and put what was learned into the package, so that a new home need not.

Usage: .venv/bin/python tools/learn_default_pack.py. Run it whenever the default pack, the embedding model or the
training changes; tests/unit/bootstrap/test_new_home.py says when that was forgotten.
"""

import asyncio
import tempfile
from pathlib import Path

import opsconductor
from opsconductor.bootstrap import open_engine
from opsconductor.domain.turn import TurnInput
from opsconductor.settings import load_settings, use_one_native_thread

LEARNED = Path(opsconductor.__file__).parent / "packs" / "learned"


async def main() -> None:
    """One turn on a home that knows nothing makes it learn everything."""
    LEARNED.mkdir(exist_ok=True)
    for file in LEARNED.glob("*.bin"):
        file.unlink()
    with tempfile.TemporaryDirectory() as home:
        async with open_engine(load_settings({"home": home})) as engine:
            identity = await engine.storage.identity("default", "requester")
            assert identity is not None
            turn = TurnInput(turn_id=engine.ids.new("turn"), identity=identity, message="How many assets do we have?")
            await engine.take_turn(turn)
        for file in (Path(home) / "cache").glob("*.bin"):
            (LEARNED / file.name).write_bytes(file.read_bytes())


if __name__ == "__main__":
    use_one_native_thread()
    asyncio.run(main())
