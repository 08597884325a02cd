"""Real servers on loopback for the tests of outgoing requests: one that speaks HTTP, one that plays raw bytes."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    client_port: int


@dataclass
class Reply:
    status: int = 200
    body: bytes = b'{"ok": true}'
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Server:
    url: str
    port: int
    seen: list[Seen]


Answering = Callable[[Seen], Reply]


@contextmanager
def serving(answer: Answering = lambda seen: Reply(), *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve HTTP/1.1 with keep-alive on a free loopback port; `answer` decides each reply."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Seen(self.command, self.path, dict(self.headers), body, self.client_address[1])
            seen.append(request)
            reply = answer(request)
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    port = server.server_address[1]
    try:
        yield Server(url=f"{'https' if tls else 'http'}://127.0.0.1:{port}", port=port, seen=seen)
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def playing(play: Callable[[socket.socket, int], None]) -> Iterator[Server]:
    """Accept connections on a free loopback port and let `play(connection, number)` do what it likes with each."""
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]
    accepted: list[Seen] = []

    def accept() -> None:
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                return
            accepted.append(Seen("", "", {}, b"", address[1]))
            threading.Thread(target=_played, args=(connection, len(accepted)), daemon=True).start()

    def _played(connection: socket.socket, number: int) -> None:
        # The client leaves in the middle, as many of these tests want it to.
        with connection, suppress(OSError):
            play(connection, number)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield Server(url=f"http://127.0.0.1:{port}", port=port, seen=accepted)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def read_request(connection: socket.socket) -> bytes:
    """Read one request's head (and what came with it)."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            break
        data += chunk
    return data
