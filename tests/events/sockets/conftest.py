"""The real web server in a thread, with real sockets; events come in as they do anywhere."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
import uvicorn

from integrations.connections.models import Workspace
from integrations.events import services
from integrations.events.models import Endpoint
from integrations.events.sequencer import sequence_all
from integrations.events.services import subscribing
from portal import websockets as speaking
from portal.asgi import application
from tests.events import payloads

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Server:
    """Fieldport's ASGI application as `portal.serve` runs it."""

    def __init__(self, **changed: Any) -> None:
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        values: dict[str, Any] = {
            "ws": speaking.Protocol,
            "ws_max_size": speaking.MAX_BYTES,
            "ws_ping_interval": speaking.PING_SECONDS,
            "ws_ping_timeout": speaking.PONG_SECONDS,
            "ws_per_message_deflate": False,
            "lifespan": "on",
            "log_config": None,
            "timeout_graceful_shutdown": 5,
        }
        self.server = uvicorn.Server(uvicorn.Config(application, **(values | changed)))
        self._thread = Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self.server.serve(sockets=[self._listener]))

    def start(self) -> None:
        self._thread.start()
        wait_for(lambda: self.server.started)

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    def url(self, endpoint: Endpoint | str, **more: str) -> str:
        query = "&".join([f"endpoint_id={getattr(endpoint, 'pk', endpoint)}", *(f"{k}={v}" for k, v in more.items())])
        return f"ws://127.0.0.1:{self.port}/event-service/ws?{query}"


def wait_for(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.005)


@pytest.fixture
def served(transactional_db: None) -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def space(transactional_db: None) -> int:
    return Workspace.default().pk


@pytest.fixture
def door(space: int) -> Endpoint:
    """A websocket endpoint that opens to its id alone, and gets everything."""
    return subscribing.create_websocket(space, name="door", now=NOON, auth="open")


def ingest(space: int, *numbers: int, type: str = "roi", **values: Any) -> None:
    """Take events in, and number them as the worker does."""
    accept(space, [payloads.handed(number, type=type, **values) for number in numbers])


def accept(space: int, items: list[dict[str, Any]]) -> None:
    services.ingest(space, items, now=NOON)
    sequence_all()
