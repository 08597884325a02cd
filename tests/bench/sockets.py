"""One event to many websocket subscribers, beside a plain Channels group; ingest; memory of idle sockets."""

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import psutil

from tests.bench.processes import Program, database, free_port, run, started, wait_for_port
from tests.bench.receiving import ours_env

TOKEN = "fp_bench_events_0123456789"
TYPICAL = "x" * 900
SETTLE_SECONDS, PATIENCE_SECONDS = 3.0, 60.0
OPENING_AT_ONCE = 100
INGEST_THREADS = 8
MB = 1024 * 1024


@dataclass(frozen=True)
class Fanned:
    """One side: each of `events` to each of `sockets`. Latencies from the making of the event to its frame, in s."""

    name: str
    sockets: int
    events: int
    received: int
    seconds: float
    cpu: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return self.received / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu * 1e6 / self.received

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.latencies, n=100)[98]


@dataclass(frozen=True)
class Ingest:
    """Handing in by some threads, in batches of `size`: CPU of the web process, in seconds."""

    size: int
    events: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        return self.events / self.seconds

    @property
    def cpu_per_request(self) -> float:
        return self.cpu * self.size / self.events


@dataclass(frozen=True)
class Figures:
    plain: Fanned
    ours: Fanned
    ingest: list[Ingest]
    idle: int
    idle_mb: float


def measure(log: Path, *, sockets: int, events: int, idle: int) -> Figures:
    with _plain(log) as (program, port):
        plain = asyncio.run(_fan("plain Channels group", program, port, "/ws", "/tell", sockets, events))
    with database("fieldport_bench_sockets") as url, _ours(url, log) as (program, port, endpoint):
        path = f"/event-service/ws?endpoint_id={endpoint}"
        ours = asyncio.run(_fan("Fieldport", program, port, path, "/event-service/ingest/events", sockets, events))
        ingest = [_ingest(program, port, size=size, count=count) for size, count in ((1, 400), (100, 4000))]
        idle_mb = asyncio.run(_idle(program, port, path, idle)) if idle else 0.0
    return Figures(plain, ours, ingest, idle, idle_mb)


@contextmanager
def _plain(log: Path) -> Iterator[tuple[Program, int]]:
    port = free_port()
    command = ("uvicorn", "tests.bench.baseline.group:application", "--port", str(port), "--log-level", "warning")
    quiet = ("--ws", "websockets-sansio", "--ws-per-message-deflate", "false")
    env = {"DJANGO_SETTINGS_MODULE": "tests.bench.baseline.settings", "DATABASE_URL": "sqlite://:memory:"} | {
        "ROOT_URLCONF": "tests.bench.baseline.group"
    }
    with started(*command, *quiet, env=env, log=log) as program:
        wait_for_port(port)
        yield program, port


@contextmanager
def _ours(url: str, log: Path) -> Iterator[tuple[Program, int, str]]:
    env = ours_env(url, WEBSOCKETS_PER_ENDPOINT="100000")
    run("portal.supervisor.tables", env=env)
    endpoint = run("tests.bench.seeding", "listeners", TOKEN, env=env).strip()
    port = free_port()
    with (
        started("portal.serve", "--port", str(port), env=env, log=log) as program,
        started("celery", "-A", "portal", "worker", "--concurrency", "1", "-Q", "events", env=env, log=log),
    ):
        wait_for_port(port)
        yield program, port, endpoint


async def _fan(name: str, program: Program, port: int, path: str, tell: str, sockets: int, events: int) -> Fanned:
    listeners = await _opened(port, path, sockets)
    await asyncio.to_thread(_tell, port, tell, 3)
    await _until(lambda: all(each.frames >= 3 for each in listeners))
    before, began = program.cpu(), time.perf_counter()
    for each in listeners:
        each.frames, each.latencies = 0, []
    await asyncio.to_thread(_tell, port, tell, events)
    await _until(lambda: all(each.frames >= events for each in listeners))
    seconds, cpu = time.perf_counter() - began, program.cpu() - before
    latencies = [each for listener in listeners for each in listener.latencies]
    received = sum(each.frames for each in listeners)
    for listener in listeners:
        listener.close()
    return Fanned(name, sockets, events, received, seconds, cpu, latencies)


async def _idle(program: Program, port: int, path: str, count: int) -> float:
    """Return how many MB the web process grows by, with so many sockets open and nothing sent."""
    web = psutil.Process(program.process.pid)  # with one process it serves by itself
    before = web.memory_info().rss
    listeners = await _opened(port, path, count)
    await asyncio.sleep(SETTLE_SECONDS)
    grown = web.memory_info().rss - before
    for listener in listeners:
        listener.close()
    return grown / MB


async def _until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > ends:
            raise RuntimeError("not every event arrived")
        await asyncio.sleep(0.02)


class _Listener(asyncio.Protocol):
    """The least that a websocket client can be: it counts frames, and finds in each when it was told."""

    def __init__(self, request: bytes, opened: "asyncio.Future[None]") -> None:
        self.request, self.opened = request, opened
        self.buffer = b""
        self.frames = 0
        self.latencies: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def close(self) -> None:
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.opened.done():
            head, separator, self.buffer = self.buffer.partition(b"\r\n\r\n")
            if not separator:
                self.buffer = head
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self.opened.set_result(None)
        while (size := _frame_size(self.buffer)) is not None:
            frame, self.buffer = self.buffer[:size], self.buffer[size:]
            if frame[0] == 0x81:
                self._count(frame)
            elif frame[0] == 0x89:  # a ping; masked with zeros, the answer is its payload
                self.transport.write(b"\x8a" + bytes([0x80 | (size - 2)]) + b"\0\0\0\0" + frame[2:])

    def _count(self, frame: bytes) -> None:
        told = frame.index(b"told=") + 5
        self.latencies.append(time.time() - float(frame[told : told + 17]))
        self.frames += 1


def _frame_size(buffer: bytes) -> int | None:
    """Return how long the first frame is; None while it is not whole."""
    if len(buffer) < 4:
        return None
    size = buffer[1]
    head = 2
    if size == 126:
        size, head = int.from_bytes(buffer[2:4]), 4
    return head + size if len(buffer) >= head + size else None


def _itself(listener: _Listener) -> _Listener:
    return listener


async def _opened(port: int, path: str, count: int) -> list[_Listener]:
    lines = (f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade")
    keys = ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MDEyMzQ1Njc4OUFCQ0RFRg==")
    request = "\r\n".join([*lines, *keys, "", ""]).encode()
    loop = asyncio.get_running_loop()
    found: list[_Listener] = []
    while len(found) < count:
        some = [_Listener(request, loop.create_future()) for _ in range(min(OPENING_AT_ONCE, count - len(found)))]
        await asyncio.gather(*(loop.create_connection(partial(_itself, each), "127.0.0.1", port) for each in some))
        await asyncio.wait_for(asyncio.gather(*(each.opened for each in some)), PATIENCE_SECONDS)
        found += some
    return found


def _tell(port: int, path: str, count: int) -> None:
    """One request for each event, one after the other."""
    connection = HTTPConnection("127.0.0.1", port)
    for _ in range(count):
        _post(connection, path, [_event()])


def _event() -> dict[str, object]:
    note = f"told={time.time():.6f};{TYPICAL}"
    camera = "0c0c0c0c-1111-4222-8333-000000000001"
    return {"id": str(uuid4()), "type": "roi", "source": camera, "roi": {"note": note}}


def _post(connection: HTTPConnection, path: str, items: list[dict[str, object]]) -> None:
    headers = {"Content-Type": "application/json", "Token": TOKEN}
    connection.request("POST", path, json.dumps(items), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{answer.status}: {body[:200]!r}")


def _ingest(program: Program, port: int, *, size: int, count: int) -> Ingest:
    """Hand events in, from some threads, in batches of this size."""
    batches = [[_event() for _ in range(size)] for _ in range(count // size)]

    def send(mine: list[list[dict[str, object]]]) -> None:
        connection = HTTPConnection("127.0.0.1", port)
        for batch in mine:
            _post(connection, "/event-service/ingest/events", batch)

    before, began = program.cpu(), time.perf_counter()
    with ThreadPoolExecutor(INGEST_THREADS) as threads:
        list(threads.map(send, [batches[each::INGEST_THREADS] for each in range(INGEST_THREADS)]))
    return Ingest(size, count, time.perf_counter() - began, program.cpu() - before)
