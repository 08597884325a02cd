"""Websocket clients, a process of their own: `python -m tests.drill.events.clients FOLDER SEED '[{"name": …}, …]'`.

Each notes id and cursor of every event before it takes the next one, leaves now and then, is cut off by what happens
to the server, or killed itself, and goes on from the last cursor it noted.
"""

import asyncio
import json
import random
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from tests.drill.events.files import Notes, read

STAYS, PAUSES = (2.0, 15.0), (0.05, 0.5)
NAP_AFTER, NAP_SECONDS = 2_000, 4.0  # more than a socket's queue holds comes meanwhile
# What a client may try again after; anything else is noted, and is a breach.
MAY_COME = frozenset({429, 502, 503})
REFUSED = "refused"


@dataclass
class Client:
    """`address` opens the endpoint; `since` is the cursor to begin with."""

    name: str
    address: str
    token: str
    since: str
    notes: Notes
    dice: random.Random
    heard: int = 0

    async def follow(self) -> None:
        while True:
            with suppress(OSError, TimeoutError, InvalidHandshake, ConnectionClosed):
                await self._visit()
            await asyncio.sleep(self.dice.uniform(*PAUSES))

    async def _visit(self) -> None:
        address, headers = f"{self.address}&since={self.since}", {"Token": self.token}
        try:
            async with connect(address, additional_headers=headers, proxy=None, open_timeout=10) as socket:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.dice.uniform(*STAYS)):
                        await self._listen(socket)
        except InvalidStatus as refusal:
            status = refusal.response.status_code
            if status not in MAY_COME:
                self.notes.add(REFUSED, status, self.since)

    async def _listen(self, socket: ClientConnection) -> None:
        async for frame in socket:
            event = json.loads(frame)
            self.since = event["cursor"]
            self.notes.add(event["event"]["id"], self.since)
            self.heard += 1
            if self.name.endswith("-slowly") and self.heard % NAP_AFTER == 100:
                await asyncio.sleep(NAP_SECONDS)


def last_cursor(path: Path, otherwise: str) -> str:
    """Return what a client that was killed goes on from."""
    cursor = otherwise
    for line in read(path):
        if line[0] != REFUSED:
            cursor = line[1]
    return cursor


async def main(folder: Path, seed: str, given: list[dict[str, str]]) -> None:
    clients = []
    for each in given:
        path = folder / f"{each['name']}.socket"
        since, dice = last_cursor(path, each["since"]), random.Random(seed + each["name"])
        clients.append(Client(each["name"], each["address"], each["token"], since, Notes(path), dice))
    await asyncio.gather(*(client.follow() for client in clients))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])))
