"""How uvicorn speaks websocket here: peers that read nothing, or vanish, are let go."""

import logging
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

logger = logging.getLogger(__name__)
logger.setLevel(logging.WARNING)

MAX_BYTES = 4096  # of what clients send; nothing that they send is used
PING_SECONDS, PONG_SECONDS = 20.0, 40.0
CLOSE_SECONDS = 5.0


class Protocol(WebSocketsSansIOProtocol):
    """Uvicorn waits until all is sent before it closes a connection; a peer that does not read would never let it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = CLOSE_SECONDS
        # Uvicorn would log each address with its query, and so the keys of endpoints.
        self.logger = self.conn.logger = logger

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close" and self._is_blocked:
            self._close_blocked(message.get("code", 1000), message.get("reason") or "")
        else:
            await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True  # it was refused, which uvicorn takes for forgotten

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    @property
    def _is_blocked(self) -> bool:
        return self.handshake_complete and not self.close_sent and not self.disconnected and not self.writable.is_set()

    def _close_blocked(self, code: int, reason: str) -> None:
        """Put the close frame behind what waits, and drop the connection if nobody reads that soon."""
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)
