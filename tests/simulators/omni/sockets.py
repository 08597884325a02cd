"""The websockets of a simulated platform: one for all types (1.18), one for each type (1.17, 1.14)."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.simulators.door import TRANSPORT
from tests.simulators.omni.golden import TYPES
from tests.simulators.omni.pushing import Socket
from tests.simulators.omni.state import OmniState

OLD_TYPES = {"1.17": TYPES[:5], "1.14": TYPES[:2]}


class Sockets:
    def __init__(self, state: OmniState) -> None:
        self._state = state

    def routes(self) -> list[WebSocketRoute]:
        return [
            WebSocketRoute("/event-service/ws", self._handler(self._judge)),
            WebSocketRoute("/event-service/{type}/ws", self._handler(self._judge_by_type)),
        ]

    def _handler(self, judge: Callable[[WebSocket], int]) -> Callable[[WebSocket], "asyncio.Future[None]"]:
        async def handle(websocket: WebSocket) -> None:
            self._state.pushing.opened.append(websocket.url.path)
            status = self._state.pushing.faults.refuse or judge(websocket)
            if status:
                await websocket.send_denial_response(JSONResponse({"error": "refused"}, status_code=status))
                return
            await websocket.accept()
            await self._serve(websocket)

        return handle  # type: ignore[return-value]  # a coroutine function, as Starlette wants it

    def _judge(self, websocket: WebSocket) -> int:
        """The status of the refusal (sheet, 5); 0: welcome."""
        if self._state.settings.release != "1.18":
            return 404
        return self._judge_endpoint(websocket.query_params.get("endpoint_id", ""))

    def _judge_endpoint(self, text: str) -> int:
        try:
            UUID(text)
        except ValueError:
            return 400
        endpoint = self._state.endpoints.get(text)
        if endpoint is None:
            return 404
        return 0 if endpoint.type == "WEB_SOCKET" else 409

    def _judge_by_type(self, websocket: WebSocket) -> int:
        release, query = self._state.settings.release, websocket.query_params
        if websocket.path_params["type"] not in OLD_TYPES.get(release, ()):
            return 404
        if release == "1.14":
            return 0 if query.get("access") == self._state.token else 401
        return self._judge_endpoint(query.get("endpoint_id", "")) or (0 if query.get("scope_id") else 400)

    async def _serve(self, websocket: WebSocket) -> None:
        type = websocket.path_params.get("type")
        socket = Socket(
            endpoint=websocket.query_params.get("endpoint_id", ""),
            types=frozenset([type] if type else TYPES),
            scope=websocket.query_params.get("scope_id", ""),
            loop=asyncio.get_running_loop(),
            queue=asyncio.Queue(),
            transport=websocket.scope[TRANSPORT],
        )
        with self._state.pushing.lock:
            self._state.pushing.sockets.append(socket)
        reader = asyncio.create_task(_read(websocket, socket))
        try:
            await _send(websocket, socket)
        finally:
            reader.cancel()
            with self._state.pushing.lock:
                if socket in self._state.pushing.sockets:  # else it was reset
                    self._state.pushing.sockets.remove(socket)


async def _read(websocket: WebSocket, socket: Socket) -> None:
    """What clients send is ignored; that they left is not."""
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):
        socket.queue.put_nowait(None)


async def _send(websocket: WebSocket, socket: Socket) -> None:
    while (what := await socket.queue.get()) is not None:
        if isinstance(what, int):
            await websocket.close(what)
            return
        if not socket.dead:
            await websocket.send_text(what)
