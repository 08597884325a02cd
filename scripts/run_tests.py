"""All tests: on SQLite with a Valkey from the wheel, then on PostgreSQL and Redis where they answer.

`TEST_DATABASE_URL`, `TEST_REDIS_URL`: the servers; unset: the standard local ports; empty: none. Arguments go to
pytest. With REQUIRE_SERVERS=1 it fails if the servers' tests were left out.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import psycopg
from redis import Redis
from redis.exceptions import RedisError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from portal.supervisor.broker import Broker  # noqa: E402  found through the line above

STANDARD = {
    "TEST_DATABASE_URL": "postgres://postgres@127.0.0.1:5432/postgres",
    "TEST_REDIS_URL": "redis://127.0.0.1:6379/15",
}
# The tests wait for databases, sockets and browsers half of their time.
SIDE_BY_SIDE = ["--numprocesses=2", "--dist=worksteal"]


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # and clean up on the way
    database, redis = _server("TEST_DATABASE_URL", _database_answers), _server("TEST_REDIS_URL", _redis_answers)
    wanted = arguments or ["--cov", "--cov-report=", "--durations=10", *SIDE_BY_SIDE]
    with ExitStack() as stack:
        own_broker = stack.enter_context(_own_broker())
        runs = {"SQLite": _start("sqlite", ["-m", "not postgres", *wanted], output=None, REDIS_URL=own_broker)}
        output = stack.enter_context(tempfile.TemporaryFile("w+"))
        if database:
            servers = {
                "PYTEST_DATABASE_URL": stack.enter_context(_own_database(database)),
                "REDIS_URL": redis or own_broker,
            }
            again = ["-m", "not browser and not embedded", *wanted]
            runs["PostgreSQL"] = _start("postgres", again, output=output, **servers)
        for run in runs.values():
            stack.callback(run.terminate)
        failed = [name for name, run in runs.items() if run.wait() != 0]
        output.seek(0)
        print(output.read(), flush=True)
    if not arguments and not _coverage_is_enough():
        failed.append("coverage")
    missing = [name for name, url in (("PostgreSQL", database), ("Redis", redis)) if not url]
    if missing:
        print(f"Left out: the tests that need {' and '.join(missing)}, since none answered.", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}.", flush=True)
    return 1 if failed or (missing and os.environ.get("REQUIRE_SERVERS") == "1") else 0


def _start(name: str, arguments: list[str], *, output: IO[str] | None, **variables: str) -> "subprocess.Popen[bytes]":
    """Start one run of pytest. Both run side by side; the first is seen live, the other afterwards."""
    settings = {
        "BROKER_PREFIX": f"fieldport-test-{os.getpid()}-{name}:",
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "COVERAGE_FILE": str(ROOT / f".coverage.{name}"),
    }
    command = [sys.executable, "-m", "pytest", "-o", f"cache_dir=.pytest_cache/{name}", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | settings | variables, stdout=output, stderr=output)


def _coverage_is_enough() -> bool:
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.call([*coverage, "combine", "--quiet"], cwd=ROOT)
    return subprocess.call([*coverage, "report"], cwd=ROOT) == 0


def _server(variable: str, answers: Callable[[str], bool]) -> str:
    url = os.environ.get(variable, STANDARD[variable])
    return url if url and answers(url) else ""


def _database_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_connect_timeout=2) as server:
            return bool(server.ping())
    except RedisError:
        return False


@contextmanager
def _own_broker() -> Iterator[str]:
    """A Valkey of our own for as long as the tests run."""
    with tempfile.TemporaryDirectory(prefix="fieldport-broker-") as folder:
        (Path(folder) / "run").mkdir()
        broker = Broker(Path(folder))
        command = broker.command()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
            process.stdin.write(broker.config())  # type: ignore[union-attr]  # it is a pipe
            process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
            try:
                broker.wait()
                yield broker.url
            finally:
                process.terminate()


@contextmanager
def _own_database(server: str) -> Iterator[str]:
    """The URL of a database that is ours; its test twins are dropped even when pytest was killed."""
    name = f"fieldport_{os.getpid()}"
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            named = "SELECT datname FROM pg_database WHERE datname = %s OR datname LIKE %s"
            twins = connection.execute(named, [f"test_{name}", f"test_{name}_gw%"])
            for (twin,) in twins.fetchall():
                connection.execute(f'DROP DATABASE IF EXISTS "{twin}" WITH (FORCE)')


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
