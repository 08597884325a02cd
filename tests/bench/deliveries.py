"""One event to 100 webhook destinations: deliveries per second, worker CPU per delivery, beside a plain Celery task."""

import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.flows import CONCURRENCY, _until
from tests.bench.processes import ROOT, Program, database, run, started
from tests.bench.receiving import BODY, ours_env
from tests.simulators.receiver import Receiver, running_receiver

DESTINATIONS = 100
DELIVERED = "SELECT count(*) FROM outbox_delivery WHERE state = 'DELIVERED'"
SENT = "SELECT count(*) FROM baseline_outgoing WHERE delivered_at IS NOT NULL"

Counts = tuple[int, int]  # how many are asked for, to warm up and then


@dataclass(frozen=True)
class Delivered:
    name: str
    per_second: float
    cpu_ms: float


def measure(log: Path, *, events: int) -> list[Delivered]:
    """Return the baseline's figures and ours; the receiver takes each at once, over loopback."""
    with running_receiver() as receiver:
        return [_baseline(receiver, log, events=events), _ours(receiver, log, events=events)]


def _baseline(receiver: Receiver, log: Path, *, events: int) -> Delivered:
    with database("fieldport_bench_baseline") as url, ExitStack() as stack:
        env = ours_env(url, DJANGO_SETTINGS_MODULE="tests.bench.baseline.settings")
        env["REDIS_URL"] = env["REDIS_URL"].rpartition("/")[0] + "/10"
        run("django", "migrate", "--run-syncdb", env=env)
        command = ("celery", "-A", "tests.bench.baseline.deliveries", "worker", "-c", str(CONCURRENCY), "-l", "ERROR")
        worker = stack.enter_context(started(*command, env=env, log=log))
        send = ("tests.bench.baseline.deliveries", receiver.url)
        counts = (DESTINATIONS, events * DESTINATIONS)
        return _timed("plain Celery task", receiver, worker, (url, SENT), *send, env=env, counts=counts)


def _ours(receiver: Receiver, log: Path, *, events: int) -> Delivered:
    with database("fieldport_bench_deliveries") as url, ExitStack() as stack:
        env = ours_env(url, OUTBOUND_ALLOW=receiver.address)
        run("portal.supervisor.tables", env=env)
        run("tests.bench.seeding", "destinations", receiver.url, str(DESTINATIONS), env=env)
        celery = ("celery", "--quiet", "-A", "portal")
        pool = ("-c", str(CONCURRENCY), "-l", "WARNING", "--without-gossip", "--without-mingle")
        worker = stack.enter_context(started(*celery, "worker", *pool, env=env, log=log))
        stack.enter_context(started(*celery, "beat", "-l", "WARNING", env=env, log=log))
        send = ("tests.bench.seeding", "tell")
        return _timed("Fieldport", receiver, worker, (url, DELIVERED), *send, env=env, counts=(1, events))


def _timed(
    name: str,
    receiver: Receiver,
    worker: Program,
    done: tuple[str, str],
    *send: str,
    env: dict[str, str],
    counts: Counts,
) -> Delivered:
    """Send one event to warm up, then measure the others, by the receiver's clock from the first to the last."""
    first, rest = counts
    url, query = done
    _send(*send, str(first), env=env)
    _until(url, query, DESTINATIONS)
    before, seen = worker.cpu(), len(receiver.taken)
    _send(*send, str(rest), env=env)
    _until(url, query, DESTINATIONS + DESTINATIONS * rest // first)
    times = [taken.at for taken in receiver.taken[seen:]]
    return Delivered(name, len(times) / (max(times) - min(times)), (worker.cpu() - before) * 1e3 / len(times))


def _send(*command: str, env: dict[str, str]) -> None:
    shell = [sys.executable, "-m", *command]
    subprocess.run(shell, input=BODY, env={**os.environ, **env}, cwd=ROOT, check=True)
