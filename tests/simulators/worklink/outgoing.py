"""Webhooks on their way out: a pool of senders with kept connections, and a record of what became of each."""

import hashlib
import heapq
import http.client
import itertools
import ssl
import time
from collections import deque
from dataclasses import dataclass, field
from threading import Condition, Thread
from urllib.parse import urlsplit

TIMEOUT = 10.0
LANES = 8
KEPT = 100_000


@dataclass(slots=True)
class Notification:
    """One notification to one address. `status`: None while on its way, 0 if no answer came; `fate` says why."""

    url: str
    resource_id: str
    verb: str
    body: bytes
    headers: dict[str, str]
    status: int | None = None
    fate: str = "waiting"
    sent_at: float = 0.0

    @property
    def acknowledged(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass
class Outgoing:
    """Sends in order for each resource; nothing is tried twice. `records` are the latest, also the dropped ones."""

    records: deque[Notification] = field(default_factory=lambda: deque(maxlen=KEPT))
    _lanes: list["_Lane"] = field(default_factory=list)

    def send(self, notification: Notification, *, delay: float = 0.0) -> None:
        self.records.append(notification)
        self._lane(notification.resource_id).put(notification, time.monotonic() + delay)

    def drop(self, notification: Notification) -> None:
        notification.fate, notification.status = "dropped", 0
        self.records.append(notification)

    def wait(self, timeout: float = 30.0) -> bool:
        """Until all that was handed over has an outcome; False if it took longer."""
        deadline = time.monotonic() + timeout
        return all(lane.wait(deadline) for lane in self._lanes)

    def close(self) -> None:
        for lane in self._lanes:
            lane.close()
        self._lanes.clear()

    def _lane(self, resource_id: str) -> "_Lane":
        if not self._lanes:
            self._lanes.extend(_Lane() for _ in range(LANES))
        return self._lanes[hashlib.sha1(resource_id.encode()).digest()[0] % LANES]


class _Lane:
    """One thread with its own connections: what concerns one resource is sent in sequence."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._heap: list[tuple[float, int, Notification]] = []
        self._order = itertools.count()
        self._busy = False
        self._closed = False
        self._connections: dict[str, http.client.HTTPConnection] = {}
        self._thread = Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def put(self, notification: Notification, due: float) -> None:
        with self._changed:
            heapq.heappush(self._heap, (due, next(self._order), notification))
            self._changed.notify_all()

    def wait(self, deadline: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._heap and not self._busy, deadline - time.monotonic())

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._heap.clear()
            self._changed.notify_all()
        self._thread.join(timeout=1)

    def _run(self) -> None:
        while (notification := self._next()) is not None:
            self._deliver(notification)
            with self._changed:
                self._busy = False
                self._changed.notify_all()
        for connection in self._connections.values():
            connection.close()

    def _next(self) -> Notification | None:
        with self._changed:
            while not self._closed:
                left = self._heap[0][0] - time.monotonic() if self._heap else None
                if left is not None and left <= 0:
                    self._busy = True
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(left)
        return None

    def _deliver(self, notification: Notification) -> None:
        notification.sent_at = time.time()
        try:
            notification.status = self._post(notification)
            notification.fate = "answered"
        except (OSError, http.client.HTTPException) as error:
            notification.status, notification.fate = 0, f"{type(error).__name__}: {error}"

    def _post(self, notification: Notification) -> int:
        """A kept connection that the listener closed meanwhile is opened once more: nothing was answered on it."""
        parts = urlsplit(notification.url)
        address = f"{parts.scheme}://{parts.netloc}"
        kept = self._connections.pop(address, None)
        for connection in filter(None, (kept, _connect(address))):
            try:
                status = _exchange(connection, notification)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                connection.close()
                if connection is not kept:
                    raise
            else:
                self._connections[address] = connection
                return status
        raise http.client.NotConnected


def _connect(address: str) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT)


def _exchange(connection: http.client.HTTPConnection, notification: Notification) -> int:
    parts = urlsplit(notification.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", path, body=notification.body, headers=notification.headers)
    response = connection.getresponse()
    response.read()
    return response.status
