"""All tests: on SQLite with a Valkey from the wheel, then on PostgreSQL and Redis where they answer.

`TEST_DATABASE_URL`, `TEST_REDIS_URL`: the servers; unset: the standard local ports; empty: none. Arguments go to
pytest. With REQUIRE_SERVERS=1 it fails if the servers' tests were left out.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
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


def main(arguments: list[str]) -> int:
    database, redis = _server("TEST_DATABASE_URL", _database_answers), _server("TEST_REDIS_URL", _redis_answers)
    coverage = [] if arguments else ["--cov", "--cov-report=", "--durations=10"]
    with _own_broker() as broker_url:
        failed = _pytest([*coverage, "-m", "not postgres", *arguments], REDIS_URL=broker_url)
        if database:
            with _own_database(database) as own:
                added = [*coverage, "--cov-append"] if coverage else []
                again = [*added, "-m", "not browser and not embedded", *arguments]
                failed += _pytest(again, REDIS_URL=redis or broker_url, PYTEST_DATABASE_URL=own)
    if coverage:
        failed += subprocess.call([sys.executable, "-m", "coverage", "report"], cwd=ROOT) != 0
    missing = [name for name, url in (("PostgreSQL", database), ("Redis", redis)) if not url]
    if missing:
        print(f"Left out: the tests that need {' and '.join(missing)}, since none answered.", flush=True)
    required = os.environ.get("REQUIRE_SERVERS") == "1"
    return 1 if failed or (missing and required) else 0


def _pytest(arguments: list[str], **variables: str) -> int:
    """Return 0 if pytest passed; a run in which no test was found has not."""
    prefix = f"fieldport-test-{os.getpid()}:"
    settings = {"BROKER_PREFIX": prefix, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    code = subprocess.call(
        [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=os.environ | settings | variables
    )
    return 0 if code == 0 else 1


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
    """The URL of a database that is ours; its test twin is dropped even when pytest was killed."""
    name = f"fieldport_{os.getpid()}"
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "test_{name}" WITH (FORCE)')


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
