"""A small load generator: keep-alive connections that send one prepared request after the other, bounded in count."""

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What a run of requests came to; latencies in seconds, sorted."""

    seconds: float
    answers: dict[int, int]
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


class _Client(asyncio.Protocol):
    def __init__(self, request: bytes, count: list[int], done: "asyncio.Future[None]") -> None:
        self.request, self.left, self.done = request, count, done
        self.latencies: list[float] = []
        self.answers: dict[int, int] = {}
        self.buffer = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def _send(self) -> None:
        if self.left[0] <= 0:
            self.transport.close()
            return
        self.left[0] -= 1
        self.sent_at = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator or len(body) < _length(head):
            return
        self.latencies.append(time.perf_counter() - self.sent_at)
        status = int(head[9:12])
        self.answers[status] = self.answers.get(status, 0) + 1
        self.buffer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def post(port: int, path: str, body: bytes, *, count: int, connections: int = 50) -> Load:
    """Send `count` POSTs of `body` over `connections` connections to a loopback port."""
    headers = f"Host: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    request = f"POST {path} HTTP/1.1\r\n{headers}\r\n\r\n".encode() + body
    return asyncio.run(_run(port, request, count=count, connections=connections))


async def _run(port: int, request: bytes, *, count: int, connections: int) -> Load:
    loop, left = asyncio.get_running_loop(), [count]
    clients = [_Client(request, left, loop.create_future()) for _ in range(connections)]
    started = time.perf_counter()
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]  # a factory
    await asyncio.gather(*(client.done for client in clients))
    seconds = time.perf_counter() - started
    answers: dict[int, int] = {}
    for client in clients:
        for status, times in client.answers.items():
            answers[status] = answers.get(status, 0) + times
    return Load(seconds, answers, sorted(latency for client in clients for latency in client.latencies))
