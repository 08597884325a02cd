"""Finished flows per second, worker CPU per flow, and latency from webhook to confirmed write."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.bench.processes import ROOT, Program, database, free_port, run, started, wait_for_port
from tests.bench.receiving import TOKEN, ours_env
from tests.bench.simulated import Simulated, simulated
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.worklink.access import ALL_GROUPS_TOKEN

CONCURRENCY = 4
WARM_UP = 50
SCRIPTED = "SELECT count(*) FROM scripts_scriptrun WHERE state = 'DONE'"
CONFIRMED = "SELECT count(*) FROM sync_recordwrite WHERE verdict = 'CONFIRMED'"
WRITTEN = "SELECT count(*) FROM baseline_session WHERE written_at IS NOT NULL"
LATENCIES = """
SELECT extract(epoch FROM written.ended_at - received.received_at)
FROM inbox_receivedwebhook received
JOIN worklink_scenariosession session ON session.resource_id = received.resource_id
JOIN sync_recordwrite written ON written.source_id = session.id::text AND written.verdict = 'CONFIRMED'
WHERE received.received_at >= %s
"""


@dataclass(frozen=True)
class Flows:
    name: str
    per_second: float
    cpu_ms: float


@dataclass(frozen=True)
class Latency:
    rate: float
    count: int
    p50: float
    p99: float


def measure(log: Path, *, count: int) -> tuple[list[Flows], list[Latency]]:
    """Return the flows of the baseline and of ours, by a mapping and by a script.

    And the mapping's latencies at 10 and 100 webhooks per second.
    """
    with simulated() as both:
        plain = _baseline(both, log, count=count)
        with ours(both, log) as (url, worker):
            mine = _burst(both, url, worker, "Fieldport, mapping", CONFIRMED, count=count)
            latencies = [_paced(both, url, rate=rate, count=number) for rate, number in ((10, 100), (100, 600))]
        with ours(both, log, line="script", done=SCRIPTED) as (url, worker):
            scripted = _burst(both, url, worker, "Fieldport, script", SCRIPTED, count=count)
    return [plain, mine, scripted], latencies


def _baseline(both: Simulated, log: Path, *, count: int) -> Flows:
    with database("fieldport_bench_baseline") as url, ExitStack() as stack:
        env = ours_env(
            url,
            DJANGO_SETTINGS_MODULE="tests.bench.baseline.settings",
            CMS_URL=both.worklink,
            CMS_TOKEN=ALL_GROUPS_TOKEN,
            RECORD_URL=both.record,
            RECORD_TOKEN=BEARER_TOKEN,
        )
        env["REDIS_URL"] = env["REDIS_URL"].rpartition("/")[0] + "/10"
        run("django", "migrate", "--run-syncdb", env=env)
        command = ("celery", "-A", "tests.bench.baseline.tasks", "worker", "-c", str(CONCURRENCY), "-l", "ERROR")
        worker = stack.enter_context(started(*command, env=env, log=log))
        _enqueue(both.sessions(WARM_UP, first=100_000), env)
        _until(url, WRITTEN, WARM_UP)
        ids = both.sessions(count, first=200_000)
        before, at = worker.cpu(), time.perf_counter()
        _enqueue(ids, env)
        _until(url, WRITTEN, WARM_UP + count)
        return Flows("plain Celery task", count / (time.perf_counter() - at), (worker.cpu() - before) * 1e3 / count)


def _enqueue(ids: list[str], env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tests.bench.baseline.enqueue"]
    subprocess.run(command, input="\n".join(ids), text=True, env={**os.environ, **env}, cwd=ROOT, check=True)


@contextmanager
def ours(both: Simulated, log: Path, *, line: str = "flow", done: str = CONFIRMED) -> Iterator[tuple[str, Program]]:
    """Fieldport as in production: web server, worker, scheduler; yields the database's URL and the worker.

    `line`: the rows of `seeding`; `done` counts what has gone through it.
    """
    with database("fieldport_bench_flows") as url, ExitStack() as stack:
        # One script may take half of these: here, all there are.
        env = ours_env(url, OUTBOUND_ALLOW=both.allowed(), SCRIPT_WORKERS=str(2 * CONCURRENCY))
        run("portal.supervisor.tables", env=env)
        run("tests.bench.seeding", line, TOKEN, both.worklink, both.record, env=env)
        port = free_port()
        stack.enter_context(started("portal.serve", "--port", str(port), env=env, log=log))
        celery = ("celery", "--quiet", "-A", "portal")
        pool = ("-c", str(CONCURRENCY), "-l", "WARNING", "--without-gossip", "--without-mingle")
        worker = stack.enter_context(started(*celery, "worker", *pool, env=env, log=log))
        stack.enter_context(started(*celery, "beat", "-l", "WARNING", env=env, log=log))
        wait_for_port(port)
        both.ask(both.worklink, "listen", urls=[f"http://127.0.0.1:{port}/hooks/{TOKEN}/"])
        _play(both, both.sessions(WARM_UP, first=300_000), rate=20)
        _until(url, done, WARM_UP)
        yield url, worker


def _burst(both: Simulated, url: str, worker: Program, name: str, query: str, *, count: int) -> Flows:
    done = _count(url, query)
    ids = both.sessions(count, first=400_000)
    before, at = worker.cpu(), time.perf_counter()
    _play(both, ids, rate=2_000)
    _until(url, query, done + count)
    return Flows(name, count / (time.perf_counter() - at), (worker.cpu() - before) * 1e3 / count)


def _paced(both: Simulated, url: str, *, rate: float, count: int) -> Latency:
    done, ids = _count(url, CONFIRMED), both.sessions(count, first=int(500_000 + rate * 1_000))
    with psycopg.connect(url) as server:
        since = server.execute("SELECT now()").fetchone()
    assert since is not None
    _play(both, ids, rate=rate)
    _until(url, CONFIRMED, done + count)
    with psycopg.connect(url) as server:
        times = sorted(float(row[0]) for row in server.execute(LATENCIES, since))
    return Latency(rate, len(times), times[len(times) // 2], times[int(len(times) * 0.99)])


def _play(both: Simulated, ids: list[str], *, rate: float) -> None:
    both.ask(both.worklink, "play", nodes=ids, rate=rate)


def _count(url: str, query: str) -> int:
    with psycopg.connect(url) as server:
        row = server.execute(query.encode()).fetchone()
    assert row is not None
    found: int = row[0]
    return found


def _until(url: str, query: str, wanted: int, *, seconds: float = 180.0) -> None:
    try:
        _wait(lambda: _count(url, query) >= wanted, f"{wanted} rows by: {query}", seconds=seconds)
    except TimeoutError as error:
        raise RuntimeError(f"{error}; there are {_count(url, query)}") from error


def _wait(done: Callable[[], bool], what: str, *, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not done():
        if time.monotonic() > ends:
            raise TimeoutError(f"gave up after {seconds:.0f} s waiting for {what}")
        time.sleep(0.1)
