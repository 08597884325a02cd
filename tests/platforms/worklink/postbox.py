"""Where webhooks wait until a test takes them in: the real door keeps them in threads of its own, which a test that is
rolled back cannot see. Tests of receiving itself use the door.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from integrations.inbox.models import ReceivedWebhook, WebhookSource, kept_headers

Message = MutableMapping[str, Any]


@dataclass
class Postbox:
    """An ASGI application that accepts everything."""

    letters: list[tuple[str, str, bytes]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        with self._lock:
            self.letters.append((scope["path"], kept_headers(scope["headers"]), body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def hand_over(self, source: WebhookSource) -> None:
        """Keep what came for a source, as its door would."""
        with self._lock:
            mine = [letter for letter in self.letters if source.token in letter[0]]
            self.letters = [letter for letter in self.letters if source.token not in letter[0]]
        rows = [
            ReceivedWebhook(source=source, headers=headers, body=body, body_size=len(body)) for _, headers, body in mine
        ]
        ReceivedWebhook.objects.bulk_create(rows)
