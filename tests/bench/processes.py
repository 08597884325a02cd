"""Databases and processes of one bench run: made here, measured, and gone at its end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("TEST_DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
KEYS = {"SECRET_KEY": "bench-" + "x" * 50, "FIELD_ENCRYPTION_KEYS": "dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTEyMzQ="}


@dataclass
class Program:
    """A started program with its children."""

    process: subprocess.Popen[bytes]
    seen: dict[int, float] = field(default_factory=dict)

    def cpu(self) -> float:
        """Return the seconds of CPU, user and system, that the program and its children have used."""
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        for each in family:
            try:
                times = each.cpu_times()
            except psutil.NoSuchProcess:
                continue
            self.seen[each.pid] = times.user + times.system
        return sum(self.seen.values())

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=5)


@contextmanager
def started(*command: str, env: dict[str, str], log: Path) -> Iterator[Program]:
    """Run a Python module, `-m` left out, until the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**os.environ, **env},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        program = Program(process)
        try:
            yield program
        finally:
            program.stop()


def run(*command: str, env: dict[str, str]) -> str:
    """Run a Python module to its end; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


@contextmanager
def database(name: str) -> Iterator[str]:
    """Make an empty PostgreSQL database; yield its URL; drop it."""
    with psycopg.connect(SERVER, autocommit=True) as server:
        _drop(server, name)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield SERVER.rpartition("/")[0] + "/" + name
    finally:
        with psycopg.connect(SERVER, autocommit=True) as server:
            _drop(server, name)


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, *, seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}")
