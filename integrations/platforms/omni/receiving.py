"""The websockets of a connection: one thread reads each, one queue takes what they bring."""

import queue
import threading
from collections.abc import Sequence

from integrations.core.errors import TransientError
from integrations.core.transport import TLS
from integrations.core.websocket import PING_SECONDS, WebSocket, open_websocket

# With more than this waiting, the sockets are not read: the platform waits, or closes, and the backfill finds it.
MOST_WAITING = 2000
BATCH = 100
LOOK_SECONDS = 1.0
Message = str | bytes


class Receiver:
    """Reads sockets until one of them ends; then `take` raises why."""

    def __init__(self, urls: Sequence[str], *, tls: TLS, ping: float = PING_SECONDS) -> None:
        self._waiting: queue.Queue[Message | None] = queue.Queue(MOST_WAITING)
        self._ended: TransientError | None = None
        self._stopped = threading.Event()
        self._sockets: list[WebSocket] = []
        try:
            for url in urls:
                self._sockets.append(open_websocket(url, tls=tls, ping=ping))
        except BaseException:
            self.close()
            raise
        self._threads = [threading.Thread(target=self._read, args=[each], daemon=True) for each in self._sockets]
        for thread in self._threads:
            thread.start()

    def take(self, *, seconds: float) -> list[Message]:
        """Return what has come, waiting up to `seconds` for the first. :raises TransientError: when a socket ended

        What came before the end is returned first.
        """
        found: list[Message] = []
        try:
            while len(found) < BATCH:
                each = self._waiting.get_nowait() if found or self._ended else self._waiting.get(timeout=seconds)
                if each is not None:
                    found.append(each)
        except queue.Empty:
            if self._ended and not found:
                raise self._ended from None
        return found

    def close(self) -> None:
        self._stopped.set()
        for socket in self._sockets:
            socket.close()

    def _read(self, socket: WebSocket) -> None:
        try:
            while not self._stopped.is_set():
                self._put(socket.receive())
        except TransientError as error:
            self._ended = error
            self._put(None)  # whoever waits looks up

    def _put(self, message: Message | None) -> None:
        while not self._stopped.is_set():
            try:
                self._waiting.put(message, timeout=LOOK_SECONDS)
            except queue.Full:
                continue
            return
