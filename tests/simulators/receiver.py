"""A receiver of webhooks: real HTTP on a free loopback port, that records, and misbehaves as it is told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Taken:
    """One request as it came; names of headers in lower case."""

    at: float
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What is answered. `hang`: seconds before anything is; `drip`: seconds between the bytes of the body."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0.0
    drip: float = 0.0
    drop: bool = False


Answering = Callable[[Taken], Reply]


class Receiver:
    """Keeps what it takes, in order; answers with `script`, one after the other, then as `otherwise` says."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.script: list[Reply] = []
        self.otherwise: Answering = lambda taken: Reply()
        self.url = ""
        self.let_go = threading.Event()
        self._news = threading.Condition()

    def answer(self, taken: Taken) -> Reply:
        with self._news:
            self.taken.append(taken)
            self._news.notify_all()
            return self.script.pop(0) if self.script else self.otherwise(taken)

    def wait_for(self, count: int, *, seconds: float = 10.0) -> list[Taken]:
        """Return what was taken once that is `count` requests. :raises AssertionError: if they do not come in time"""
        with self._news:
            came = self._news.wait_for(lambda: len(self.taken) >= count, seconds)
            assert came, f"{len(self.taken)} requests of {count} came within {seconds} s"
            return list(self.taken)

    def header(self, name: str) -> list[str]:
        """Return one header of every request."""
        return [taken.headers.get(name.lower(), "") for taken in self.taken]

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://").partition("/")[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.receiver.answer(Taken(time.monotonic(), self.command, self.path, headers, body))
        if reply.hang:
            self.receiver.let_go.wait(reply.hang)
        with suppress(OSError):  # the sender left, as it should
            self._reply(reply)

    def _reply(self, reply: Reply) -> None:
        if reply.drop:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if not reply.drip:
            self.wfile.write(reply.body)
            return
        for each in reply.body:
            self.wfile.write(bytes([each]))
            if self.receiver.let_go.wait(reply.drip):
                return

    do_POST = do_PUT = do_PATCH = do_GET = do_any

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = _Server(("127.0.0.1", 0), handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook?key=of-the-receiver"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        server.server_close()
