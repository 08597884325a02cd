"""Receivers of webhooks, a process of their own: `python -m tests.drill.events.receivers PORT NOTES SEED [DOWN …]`.

How one behaves is in its address: `fail` is the share that it answers with 500, `wait` the seconds before an answer.
With DOWN, seconds at least and at most, it stays away for as long when it is started again after a death. Where a file
`.trap` lies beside the notes, the worker that sends next is killed: when its request was taken, or, if the file says
so, as if it had been lost on its way.
"""

import asyncio
import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from urllib.parse import parse_qsl

import psutil
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from tests.drill.events.files import Notes, read

STARTED = "started"
TAKEN, LOST = "taken", "lost"


class Receivers:
    """Notes arrival, answer, name, id, attempt, status, cursor, the body's id and the body's hash of every request."""

    def __init__(self, notes: Notes, dice: random.Random) -> None:
        self._notes, self._dice = notes, dice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrived = time.monotonic()
        body = await _whole(receive)
        query = dict(parse_qsl(scope["query_string"].decode()))
        await asyncio.sleep(float(query.get("wait", 0)))
        if self._was_lost(scope["client"][1]):
            return
        status = 500 if self._dice.random() < float(query.get("fail", 0)) else 200
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self._notes.add(
            arrived,
            time.monotonic(),
            scope["path"].strip("/"),
            headers.get("x-event-id"),
            int(headers.get("x-delivery-attempt", 0)),
            status,
            headers.get("x-cursor"),
            json.loads(body)["event"]["id"],
            hashlib.sha256(body).hexdigest()[:16],
        )
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    def _was_lost(self, port: int) -> bool:
        """Kill the sender if it walked into a trap; say whether its request is to be as if it had never arrived."""
        trap = trap_of(self._notes.path)
        if not trap.exists():
            return False
        moment = trap.read_text()
        trap.unlink()
        for link in psutil.net_connections("tcp4"):
            if link.laddr and link.laddr.port == port and link.pid and link.pid != os.getpid():
                os.killpg(os.getpgid(link.pid), signal.SIGKILL)
        return moment == LOST


def trap_of(notes: Path) -> Path:
    return notes.with_suffix(".trap")


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message: Message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def main(port: str, path: str, seed: str, *down: str) -> None:
    deaths = sum(line == [STARTED] for line in read(Path(path)))
    dice = random.Random(f"{seed}/{deaths}")
    notes = Notes(Path(path))
    notes.add(STARTED)
    if down and deaths:
        time.sleep(dice.uniform(*map(float, down)))
    app = Receivers(notes, dice)
    uvicorn.run(app, host="127.0.0.1", port=int(port), lifespan="off", log_config=None, access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
