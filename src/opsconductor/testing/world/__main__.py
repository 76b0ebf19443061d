"""`python -m opsconductor.testing.world FOLDER`: serves until it is ended; its port is its first line of output."""

import asyncio
import sys
from pathlib import Path

from opsconductor.testing.world.server import WorldServer


async def serve(folder: Path) -> None:
    """Serve the realms of `folder` on a free port of loopback."""
    server = await asyncio.start_server(WorldServer(folder).meet, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
