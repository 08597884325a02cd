"""All tests: on SQLite with a Valkey from the wheel, and on PostgreSQL and Redis where they answer.

Four runs side by side: SQLite; PostgreSQL, for the tests that touch a database; once the tests of whole programs:
browsers and installations; and once the APIs against their own documents, on PostgreSQL where it answers.

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
import pytest
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
TWO, ONE = ["--numprocesses=2", "--dist=worksteal"], ["--numprocesses=1"]
WHOLE = "browser or embedded"
PARTS = {
    "SQLite": ["-m", f"not postgres and not ({WHOLE})"],
    "whole programs": ["-m", f"({WHOLE}) and not postgres"],
    "PostgreSQL": ["-m", f"(database or postgres or redis) and not ({WHOLE})"],
    "API documents": [],
}
# Collecting these takes longer than collecting all others, in each process.
DOCUMENTS = sorted(str(path) for path in (ROOT / "tests").rglob("test_conformance.py"))
WITHOUT_THEM = ["--durations=10", "--ignore-glob=*/test_conformance.py"]
FULL = {
    "SQLite": [*WITHOUT_THEM, *TWO],
    "whole programs": [*WITHOUT_THEM, *ONE],
    "PostgreSQL": [*WITHOUT_THEM, *TWO],
    "API documents": DOCUMENTS,
}


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # and clean up on the way
    database, redis = _server("TEST_DATABASE_URL", _database_answers), _server("TEST_REDIS_URL", _redis_answers)
    failed = _failing_parts(arguments, database=database, redis=redis)
    missing = [name for name, url in (("PostgreSQL", database), ("Redis", redis)) if not url]
    if missing:
        print(f"Left out: the tests that need {' and '.join(missing)}, since none answered.", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}.", flush=True)
    return 1 if failed or (missing and os.environ.get("REQUIRE_SERVERS") == "1") else 0


def _failing_parts(arguments: list[str], *, database: str, redis: str) -> list[str]:
    """Run the parts side by side, the first seen live, the others afterwards; return the names of those that fail."""
    with ExitStack() as stack:
        own_broker = stack.enter_context(_own_broker())
        variables = {name: {"REDIS_URL": own_broker} for name in ("SQLite", "whole programs")}
        servers = {"REDIS_URL": redis or own_broker}
        if database:
            own_database = stack.enter_context(_own_database(database))
            servers["PYTEST_DATABASE_URL"] = own_database
            variables["PostgreSQL"] = servers
        if not arguments:
            variables["API documents"] = servers
        outputs = {name: stack.enter_context(tempfile.TemporaryFile("w+")) for name in list(variables)[1:]}
        runs = {}
        for name, given in variables.items():
            wanted = [*PARTS[name], *(arguments or FULL[name])]
            runs[name] = _start(name, wanted, output=outputs.get(name), **given)
            stack.callback(runs[name].terminate)
        # With arguments, a part may have none of the tests that they name.
        fine = (0, pytest.ExitCode.NO_TESTS_COLLECTED) if arguments else (0,)
        failed = {name: code for name, run in runs.items() if (code := run.wait()) not in fine}
        for name, output in outputs.items():
            output.seek(0)
            print(f"{name}:\n{output.read()}", flush=True)
        for name, code in list(failed.items()):
            if not arguments and code == pytest.ExitCode.TESTS_FAILED and _passes_alone(name, **variables[name]):
                del failed[name]
    return list(failed)


def _passes_alone(name: str, **variables: str) -> bool:
    """Run what failed once more with nothing beside it, in sight; whether all of it passes now (ADR 4)."""
    print(f"{name}: what failed beside the others, again and alone:", flush=True)
    again = [*PARTS[name], "-v", "--last-failed", "--last-failed-no-failures=none"]
    return _start(name, again, output=None, **variables).wait() == 0


def _start(name: str, arguments: list[str], *, output: IO[str] | None, **variables: str) -> "subprocess.Popen[bytes]":
    name = name.replace(" ", "-").lower()
    settings = {
        "BROKER_PREFIX": f"fieldport-test-{os.getpid()}-{name}:",
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "PYTHONDONTWRITEBYTECODE": "",  # dozens of processes would compile everything, each for itself
    }
    command = [sys.executable, "-m", "pytest", "--no-migrations", "-o", f"cache_dir=.pytest_cache/{name}", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | settings | variables, stdout=output, stderr=output)


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
