"""Applications served by uvicorn on loopback from one background thread."""

import asyncio
import socket
import time
from threading import Thread
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from tests.simulators.door import TRANSPORT

START_SECONDS = 10.0


class DroppableProtocol(HttpToolsProtocol):
    """Hands the transport to the application: ASGI itself has no way to close a connection without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]  # our own key


class DroppableSocket(WebSocketsSansIOProtocol):
    """The same for websockets, whose connection can then go silent without being closed."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]  # our own key

    async def send(self, event: Any) -> None:
        await super().send(event)
        if event["type"] == "websocket.http.response.body" and not event.get("more_body"):
            self.handshake_complete = True  # it was refused, which uvicorn takes for forgotten


class Served:
    """Serves applications between `with` and its end. `urls` are in the order of the applications."""

    def __init__(self, apps: list[tuple[ASGIApp, int]]) -> None:
        self._sockets = [_listen(port) for _, port in apps]
        self._servers = [uvicorn.Server(_config(app)) for app, _ in apps]
        self.urls = [f"http://127.0.0.1:{each.getsockname()[1]}" for each in self._sockets]
        self._thread = Thread(target=self._run, name="simulators", daemon=True)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._servers[0].config.get_loop_factory()) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        pairs = zip(self._servers, self._sockets, strict=True)
        await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in pairs))

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not all(server.started for server in self._servers):
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the simulators did not start")
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.should_exit = True
        self._thread.join(timeout=5)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=DroppableProtocol,
        ws=DroppableSocket,
        ws_ping_interval=None,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
