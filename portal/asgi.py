"""The ASGI application: webhooks are received before Django, everything else is Django's."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

django_application = get_asgi_application()

from integrations.connections.installation import check_start  # noqa: E402  needs a set-up Django
from integrations.events.sockets import asgi as sockets  # noqa: E402
from integrations.inbox.asgi import application as hooks  # noqa: E402
from integrations.inbox.asgi import close as close_hooks  # noqa: E402
from portal.threads import Threads  # noqa: E402

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Any], Awaitable[None]]
threads = Threads()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith("/hooks/"):
        await hooks(scope, receive, send)
    elif scope["type"] == "http":
        async with threads.lent():
            await django_application(scope, receive, send)
    elif scope["path"] == sockets.PATH:
        await sockets.application(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1000})


async def _live(receive: Receive, send: Send) -> None:
    """Refuse to serve with a key that does not open this database."""
    await receive()
    try:
        await sync_to_async(check_start)()
    except ImproperlyConfigured as refusal:
        await _end()
        await send({"type": "lifespan.startup.failed", "message": str(refusal)})
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await _end()
    await send({"type": "lifespan.shutdown.complete"})


async def _end() -> None:
    """Commit what was received and end this process's database sessions."""
    await sockets.close()
    await sync_to_async(close_hooks)()
    await sync_to_async(threads.close)()
    await sync_to_async(connections.close_all)()
