"""The ASGI application of the websocket, mounted before Django."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from integrations.events.sockets import admission
from integrations.events.sockets.admission import Admitted, Refusal, admit
from integrations.events.sockets.hub import Hub
from integrations.events.sockets.presence import Presence
from integrations.events.sockets.socket import Socket

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = "/event-service/ws"
MOST_ASKING = 200
MOST_FRAMES, FRAMES_SECONDS = 600, 60.0
TOO_MANY = "This endpoint has as many sockets as it may ({most}). Close one, or make another endpoint."
# What is live must wait neither behind handshakes nor behind sockets that catch up.
_asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sockets-asking")
_reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sockets-reading")


class _Service:
    """What the sockets of this process share; made by the first, in its loop."""

    def __init__(self) -> None:
        self.hub = Hub(settings.CELERY_BROKER_URL, live=partial(_in, _reading), past=partial(_in, _asking))
        self.presence = Presence(settings.CELERY_BROKER_URL)
        self.asking = 0

    async def close(self) -> None:
        await self.hub.close()
        await self.presence.close()


_service: _Service | None = None


def _of_this_process() -> _Service:
    global _service  # noqa: PLW0603  one per process, bound to its loop
    if _service is None:
        _service = _Service()
    return _service


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one websocket from handshake to end."""
    await receive()
    service = _of_this_process()
    member = uuid4().hex
    try:
        admitted = await _admitted(service, scope)
        most = settings.WEBSOCKETS_PER_ENDPOINT
        here = service.hub.count(admitted.endpoint_id, admitted.workspace_id)
        if not await service.presence.enter(admitted.endpoint_id, member, most=most, here=here):
            message = TOO_MANY.format(most=most)
            raise Refusal(admission.BUSY, "too_many_sockets", message, admitted.says_codes)
    except Refusal as refusal:
        await _refuse(refusal, send)
        return
    try:
        await send({"type": "websocket.accept"})
        await _serve(service, Socket(send, admitted), receive)
    finally:
        await service.presence.leave(admitted.endpoint_id, member)


async def close() -> None:
    """Stop following the logs and end this process's database sessions; a later socket starts anew."""
    global _service  # noqa: PLW0603  one per process, bound to its loop
    if _service is not None:
        await _service.close()
        _service = None
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(pool, connections.close_all) for pool in (_asking, _reading)))


async def _admitted(service: _Service, scope: Scope) -> Admitted:
    """:raises Refusal:"""
    if service.asking >= MOST_ASKING:
        raise _busy()
    query = scope["query_string"].decode("latin-1")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    service.asking += 1
    try:
        found: Admitted = await _in(_asking, admit, query, headers)
    except DatabaseError:
        raise _busy() from None
    finally:
        service.asking -= 1
    return found


def _busy() -> Refusal:
    """A new one each time: an exception that is raised again keeps every frame that it went through before."""
    return Refusal(503, "busy", "Too many sockets are being opened. Try again.")


async def _in(pool: ThreadPoolExecutor, call: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(pool, _fresh, call, *args)


def _fresh(call: Callable[..., Any], *args: Any) -> Any:
    """Call on a database session that works."""
    close_old_connections()
    return call(*args)


async def _serve(service: _Service, socket: Socket, receive: Receive) -> None:
    """Let events flow until either side ends it."""
    loop = asyncio.get_running_loop()
    following = loop.create_task(_follow(service, socket))
    try:
        await _listen(socket, receive)
    finally:
        service.hub.leave(socket)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        service.hub.leave(socket)  # it may have joined in its last step


async def _follow(service: _Service, socket: Socket) -> None:
    try:
        await service.hub.follow(socket)
    except DatabaseError:
        socket.end(1011, "The log cannot be read just now. Connect again.")


async def _listen(socket: Socket, receive: Receive) -> None:
    """Ignore what the client sends, as long as it does not make a business of it."""
    heard, since = 0, time.monotonic()
    while (await receive())["type"] != "websocket.disconnect":
        heard += 1
        if time.monotonic() - since > FRAMES_SECONDS:
            heard, since = 1, time.monotonic()
        if heard > MOST_FRAMES:
            socket.end(1008, "Nothing is to be sent here.")


async def _refuse(refusal: Refusal, send: Send) -> None:
    """Before the upgrade by an HTTP status; for browsers, which cannot read it, by a close code."""
    if refusal.says_codes:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": refusal.close_code, "reason": refusal.message[:120]})
        return
    body = json.dumps(refusal.body).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if refusal.status in (429, 503):
        headers.append((b"retry-after", b"10"))
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
