"""Accepted webhooks per second and server CPU per webhook, beside a plain DRF view with the ORM."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.bench import load
from tests.bench.processes import KEYS, Program, database, free_port, run, started, wait_for_port

BODY = json.dumps(
    {"event": "update", "type": "resource", "data": {"resource-id": "x" * 40}, "pad": "y" * 1_900}
).encode()
TOKEN = "bench-source-token-0123456789"
PROCESSES = 2


@dataclass(frozen=True)
class Received:
    name: str
    load: load.Load
    cpu_ms: float
    rows: int


def measure(log: Path, *, count: int) -> list[Received]:
    """Return the baseline's figures and ours, measured one after the other on databases of their own."""
    with database("fieldport_bench_baseline") as url, _baseline(url, log) as (program, port):
        baseline = _hit(
            "plain DRF view",
            program,
            port=port,
            path="/hooks/bench/",
            url=url,
            table="baseline_webhook",
            count=count // 4,
        )
    with database("fieldport_bench_receiving") as url, _ours(url, log) as (program, port):
        ours = _hit(
            "Fieldport",
            program,
            port=port,
            path=f"/hooks/{TOKEN}/",
            url=url,
            table="inbox_receivedwebhook",
            count=count,
        )
    return [baseline, ours]


def _hit(name: str, program: Program, *, port: int, path: str, url: str, table: str, count: int) -> Received:
    load.post(port, path, BODY, count=500)
    before = program.cpu()
    result = load.post(port, path, BODY, count=count)
    cpu = program.cpu() - before
    with psycopg.connect(url) as server:
        rows = server.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert rows is not None
    return Received(name, result, cpu * 1_000 / count, rows[0] - 500)


@contextmanager
def _baseline(url: str, log: Path) -> Iterator[tuple[Program, int]]:
    env = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.bench.baseline.settings"}
    run("django", "migrate", "--run-syncdb", env=env)
    port = free_port()
    command = ("gunicorn", "-w", str(PROCESSES), "-k", "gthread", "--threads", "25", "-b", f"127.0.0.1:{port}")
    with started(*command, "--log-level", "error", "tests.bench.baseline.wsgi", env=env, log=log) as program:
        wait_for_port(port)
        yield program, port


@contextmanager
def _ours(url: str, log: Path) -> Iterator[tuple[Program, int]]:
    env = ours_env(url)
    run("portal.supervisor.tables", env=env)
    run("tests.bench.seeding", "source", TOKEN, env=env)
    port = free_port()
    with started("portal.serve", "--port", str(port), "--processes", str(PROCESSES), env=env, log=log) as program:
        wait_for_port(port)
        yield program, port


def ours_env(url: str, **more: str) -> dict[str, str]:
    return {
        **KEYS,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "REDIS_URL": os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379/9",
        "BROKER_PREFIX": "bench:",
        "PUBLIC_URL": "http://localhost:8000",
        "ALLOWED_HOSTS": "*",
        "LOG_LEVEL": "WARNING",
        **more,
    }
