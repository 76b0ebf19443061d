"""The World's door: TCP on loopback, one request a connection, in JSON lines.

{"realm", "now", "do": "behave", "verb", "mark", "behaviour", "after_s"}   → {}
{"realm", "now", "do": "read", "target"}                                   → {"count", "undone"}
{"realm", "now", "do": "ask", "verb", "mark", "target"}                    → {"asked": number}, then, unless it hangs
                                                                             up, {"ok": …, "count", "undone"}
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from opsconductor.testing.world.log import RealmLog
from opsconductor.testing.world.realm import AT_ONCE, REFUSE, SLOW, Realm

_ANSWERED = frozenset({AT_ONCE, REFUSE, SLOW})


def log_of(folder: Path, realm: str) -> Path:
    """Where the log of a realm is kept."""
    return folder / f"{realm}.log"


class WorldServer:
    """Serves all realms of one folder."""

    def __init__(self, folder: Path) -> None:
        """Realms are opened as they are asked for."""
        self._folder = folder
        self._realms: dict[str, Realm] = {}

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request and answer it as its realm behaves."""
        line = await reader.readline()
        if line:
            await self._serve(json.loads(line), writer)
        writer.close()

    async def _serve(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        realm, now, target = self._realm(request["realm"]), float(request["now"]), request.get("target", "")
        if request["do"] == "behave":
            realm.behave(now, request["verb"], request["mark"], request["behaviour"], request["after_s"])
            return await _say(writer, {})
        if request["do"] == "read":
            return await _say(writer, realm.read(now, target))
        met = realm.ask(now, request["verb"], request["mark"], target)
        await _say(writer, {"asked": met.number})
        if met.behaviour == SLOW:
            await asyncio.sleep(met.after_s)
            now += met.after_s
        if met.behaviour in _ANSWERED:
            await _say(writer, {"ok": met.behaviour != REFUSE, **realm.seen(now, target)})

    def _realm(self, name: str) -> Realm:
        if name not in self._realms:
            self._realms[name] = Realm(RealmLog(log_of(self._folder, name)))
        return self._realms[name]


async def _say(writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
    try:
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
    except ConnectionError:
        return  # whoever asked has died; what was done is done
