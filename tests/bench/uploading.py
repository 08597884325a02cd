"""Photos from the phone to the verdict: web server, workers and PostgreSQL, beside a plain view and Celery task.

First as fast as four phones can, then as technicians work: visits spread evenly at random over a window.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from zxingcpp import BarcodeFormat

from tests.bench.phones import CameraPage, Phone, PlainForm, Sent, visit
from tests.bench.processes import Program, database, free_port, run, started, wait_for_port
from tests.bench.receiving import ours_env
from tests.camera.engines.generating import jpeg, labelled

SIZE, SCENES = (4000, 3000), 5
CODE = (BarcodeFormat.QRCode, "ALCL-12345678", 600)
PHONES, WARM_UP = 4, 4
PHOTOS_PER_VISIT = 3
WEB, WORKERS = 2, 2
TOKEN = "bench-camera-token-0123456789"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Queries:
    """`judged`: id and epoch of each verdict; `waiting`: how many photos have none yet."""

    judged: str
    waiting: str


OURS = Queries(
    "SELECT input.uuid, extract(epoch FROM analysis.finished_at) FROM camera_analysis analysis "
    "JOIN camera_input input ON input.id = analysis.input_id WHERE analysis.finished_at IS NOT NULL",
    "SELECT count(*) FROM camera_analysis WHERE state = 'RUNNING'",
)
PLAIN = Queries(
    "SELECT id, extract(epoch FROM judged_at) FROM baseline_photo WHERE judged_at IS NOT NULL",
    "SELECT count(*) FROM baseline_photo WHERE judged_at IS NULL",
)


@dataclass
class Side:
    """One of the two that are compared, running."""

    name: str
    web: Program
    worker: Program
    url: str
    queries: Queries
    phone: Callable[[], Phone]

    def judged(self) -> dict[str, float]:
        with psycopg.connect(self.url) as server:
            return {str(id): float(at) for id, at in server.execute(self.queries.judged.encode())}

    def waiting(self) -> int:
        with psycopg.connect(self.url) as server:
            row = server.execute(self.queries.waiting.encode()).fetchone()
        assert row is not None
        return int(row[0])


@dataclass
class Watched:
    """The most that was seen while it ran: megabytes of one process, photos without a verdict."""

    web: float = 0
    worker: float = 0
    backlog: int = 0


@dataclass
class Run:
    """What a run came to. Seconds are sorted; CPU in seconds, of all web and worker processes.

    `sending`: until the last upload was acknowledged; `seconds`: until the last verdict.
    """

    name: str
    sending: float
    seconds: float
    uploads: list[float]
    verdicts: list[float]
    web_cpu: float
    worker_cpu: float
    watched: Watched = field(default_factory=Watched)

    @property
    def count(self) -> int:
        return len(self.uploads)

    @property
    def per_second(self) -> float:
        """Return the photos that went all the way."""
        return self.count / self.seconds

    @property
    def cpu(self) -> float:
        return self.web_cpu + self.worker_cpu

    @property
    def cpu_share(self) -> float:
        """Return the part of all cores that web and workers used."""
        return self.cpu / self.seconds / (os.cpu_count() or 1)


def percentile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def measure(log: Path, *, count: int, rates: Sequence[int], window: float) -> tuple[list[Run], dict[int, list[Run]]]:
    """Return the plain run and ours at full speed; and by technicians in an hour, both again."""
    photos = [jpeg(labelled(CODE, seed=seed, size=SIZE)) for seed in range(SCENES)]
    fast: list[Run] = []
    paced: dict[int, list[Run]] = {rate: [] for rate in rates}
    for begin in (_plain, _ours):
        with begin(log) as side:
            visit(side.phone(), photos[:WARM_UP], follow=True)
            fast.append(_measured(side, lambda side=side: _at_full_speed(side, photos, count=count)))  # type: ignore[misc]
            for rate in rates:
                paced[rate].append(_measured(side, lambda side=side, rate=rate: _paced(side, photos, rate, window)))  # type: ignore[misc]
    return fast, paced


def _measured(side: Side, load: Callable[[], list[Sent]]) -> Run:
    web, worker, began = side.web.cpu(), side.worker.cpu(), time.perf_counter()
    with _watching(side) as watched:
        sent = load()
        sending = time.perf_counter() - began
        _wait_for_verdicts(side)
        seconds = time.perf_counter() - began
    judged = side.judged()
    return Run(
        side.name,
        sending,
        seconds,
        sorted(each.acknowledged - each.began for each in sent),
        sorted(judged[each.id] - each.began for each in sent),
        side.web.cpu() - web,
        side.worker.cpu() - worker,
        watched,
    )


def _at_full_speed(side: Side, photos: Sequence[bytes], *, count: int) -> list[Sent]:
    def one(number: int) -> list[Sent]:
        return visit(side.phone(), _chosen(photos, number, count // PHONES), follow=False)

    with ThreadPoolExecutor(PHONES) as pool:
        return [sent for visited in pool.map(one, range(PHONES)) for sent in visited]


def _paced(side: Side, photos: Sequence[bytes], rate: int, window: float) -> list[Sent]:
    """Let `rate` technicians an hour come, for `window` seconds; each sends some photos and waits for each verdict."""
    visits = max(1, round(rate * window / 3600))
    chance, began = random.Random(rate), time.monotonic()
    times = sorted(chance.uniform(0, window) for _ in range(visits))

    def one(number: int) -> list[Sent]:
        time.sleep(max(0.0, began + times[number] - time.monotonic()))
        return visit(side.phone(), _chosen(photos, number, PHOTOS_PER_VISIT), follow=True)

    with ThreadPoolExecutor(visits) as pool:
        found = [sent for visited in pool.map(one, range(visits)) for sent in visited]
    time.sleep(max(0.0, began + window - time.monotonic()))  # the CPU's share is that of the whole window
    return found


def _chosen(photos: Sequence[bytes], number: int, count: int) -> list[bytes]:
    """Return photos whose bytes differ from all others, by a comment in the JPEG."""
    return [_commented(photos[(number + each) % len(photos)], f"{number}/{each}") for each in range(count)]


def _commented(jpeg: bytes, text: str) -> bytes:
    data = text.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(data) + 2).to_bytes(2, "big") + data + jpeg[2:]


def _wait_for_verdicts(side: Side, *, seconds: float = 180.0) -> None:
    ends = time.monotonic() + seconds
    while side.waiting():
        if time.monotonic() > ends:
            raise TimeoutError(f"{side.name}: {side.waiting()} photos have no verdict after {seconds:.0f} s")
        time.sleep(0.1)


@contextmanager
def _watching(side: Side) -> Iterator[Watched]:
    watched, over = Watched(), threading.Event()

    def look() -> None:
        while not over.wait(0.5):
            watched.web = max(watched.web, *_megabytes(side.web))
            watched.worker = max(watched.worker, *_megabytes(side.worker))
            watched.backlog = max(watched.backlog, side.waiting())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watched
    finally:
        over.set()
        thread.join()


def _megabytes(program: Program) -> list[float]:
    """Return the resident memory of each process of a program; what they share counts for each."""
    family = [psutil.Process(program.process.pid)]
    family += family[0].children(recursive=True)
    found = [0.0, 0.0]
    for each in family:
        with suppress(psutil.NoSuchProcess):
            found.append(each.memory_info().rss / MEGABYTE)
    return found


@contextmanager
def _ours(log: Path) -> Iterator[Side]:
    with database("fieldport_bench_uploading") as url, ExitStack() as stack:
        env = ours_env(url, DATA_DIR=str(log.parent / "ours"))
        run("portal.supervisor.tables", env=env)
        run("tests.bench.seeding", "camera", TOKEN, env=env)
        port = free_port()
        serve = ("portal.serve", "--port", str(port), "--processes", str(WEB))
        web = stack.enter_context(started(*serve, env=env, log=log))
        celery = ("celery", "--quiet", "-A", "portal")
        pool = ("-c", str(WORKERS), "-l", "WARNING", "--without-gossip", "--without-mingle")
        worker = stack.enter_context(started(*celery, "worker", *pool, env=env, log=log))
        stack.enter_context(started(*celery, "beat", "-l", "WARNING", env=env, log=log))
        wait_for_port(port, seconds=120)
        address = f"http://127.0.0.1:{port}"
        yield Side("Fieldport", web, worker, url, OURS, lambda: CameraPage(address, TOKEN))


@contextmanager
def _plain(log: Path) -> Iterator[Side]:
    with database("fieldport_bench_baseline") as url, ExitStack() as stack:
        settings = "tests.bench.baseline.settings"
        env = ours_env(url, DJANGO_SETTINGS_MODULE=settings, DATA_DIR=str(log.parent / "plain"))
        env["REDIS_URL"] = env["REDIS_URL"].rpartition("/")[0] + "/10"
        run("django", "migrate", "--run-syncdb", env=env)
        port = free_port()
        serve = ("gunicorn", "-w", str(WEB), "-k", "gthread", "--threads", "25", "-b", f"127.0.0.1:{port}")
        program = (*serve, "--log-level", "error", "tests.bench.baseline.wsgi")
        web = stack.enter_context(started(*program, env=env, log=log))
        command = ("celery", "-A", "tests.bench.baseline.tasks", "worker", "-c", str(WORKERS), "-l", "ERROR")
        worker = stack.enter_context(started(*command, env=env, log=log))
        wait_for_port(port, seconds=120)
        address = f"http://127.0.0.1:{port}"
        yield Side("plain DRF view and Celery task", web, worker, url, PLAIN, lambda: PlainForm(address))
