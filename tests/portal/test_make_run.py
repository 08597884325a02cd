"""The whole embedded installation: started, killed, started again."""

import signal
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from portal.supervisor.ports import free_port
from tests.portal.installation import Run, until
from tests.portal.installation import running as started

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with started(tmp_path_factory.mktemp("run") / "var", port=free_port()) as running:
        until(running.is_ready)
        until(lambda: running.said("Fieldport is ready"), seconds=20)
        yield running


def test_it_becomes_ready_and_says_where_to_look(run: Run) -> None:
    states = {name: part["state"] for name, part in run.ready().items() if name != "ready"}

    assert set(states) == {"database", "broker", "worker", "scheduler", "scripts", "heic", "disk", "storage"}
    assert set(states.values()) == {"ok"}
    assert run.said(f"http://localhost:{run.port}/admin/")
    assert run.said("shown only now")
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/", timeout=20) as page:
        assert "/admin/login/" in page.url


def test_recognition_platforms_are_followed(run: Run) -> None:
    def seen() -> bool:
        with closing(sqlite3.connect(f"file:{run.data}/fieldport.sqlite3?mode=ro", uri=True)) as database:
            return bool(database.execute("SELECT 1 FROM schedules_heartbeat WHERE name = 'omni'").fetchall())

    until(seen, seconds=20)


def test_nothing_but_the_owner_may_read_the_data(run: Run) -> None:
    """Static files are public, but lie in a directory that is not."""
    kept = [path for path in [run.data, *run.data.rglob("*")] if run.data / "static" not in [path, *path.parents]]

    assert [path for path in kept if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("words", [("portal.serve",), ("celery", "worker"), ("portal.scheduler",)])
def test_what_is_killed_comes_back(run: Run, words: tuple[str, ...]) -> None:
    [killed] = run.children(*words)

    killed.kill()

    until(lambda: [each for each in run.children(*words) if each.pid != killed.pid] != [] and run.is_ready())
    assert len(run.children(*words)) == 1
    assert run.said("killed by SIGKILL")


def test_a_second_one_on_the_same_port_or_data_is_refused_with_a_way_out(run: Run, tmp_path: Path) -> None:
    with started(tmp_path / "var", port=run.port) as second:
        assert second.process.wait(timeout=30) == 1
    assert second.said(f"make run PORT={run.port + 1}")
    assert not (tmp_path / "var").exists()

    with started(run.data, port=free_port()) as third:
        assert third.process.wait(timeout=40) == 1
    assert third.said("another Fieldport runs on")
    assert run.is_ready()


def lives(process: psutil.Process) -> bool:
    """Whether it runs; one that ended may not have been taken notice of yet by the machine's first process."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_after_a_kill_of_the_supervisor_nothing_is_left_and_a_new_start_keeps_the_data(
    tmp_path: Path,
) -> None:
    data, port = tmp_path / "var", free_port()
    with started(data, port=port) as first:
        until(first.is_ready)
        family = psutil.Process(first.process.pid).children(recursive=True)
        assert len(family) > 5
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        psutil.wait_procs(family, timeout=15)
        assert [each for each in family if lives(each)] == []

    with started(data, port=port) as second:
        until(second.is_ready)
        until(lambda: second.said("Log in"))
        assert not second.said("shown only now")
        family = psutil.Process(second.process.pid).children(recursive=True)
    assert [each for each in family if lives(each)] == []
    assert second.process.returncode == 0


def test_a_data_directory_of_another_key_is_refused_by_fingerprints(tmp_path: Path) -> None:
    data, port = tmp_path / "var", free_port()
    with started(data, port=port) as first:
        until(first.is_ready)
    key = data / "keys" / "field_encryption_keys"
    key.write_text("c29tZS1vdGhlci1rZXktc29tZS1vdGhlci1rZXktMTI=")

    with started(data, port=port) as second:
        assert second.process.wait(timeout=60) == 1

    assert second.said("the key whose fingerprint is")
    assert not second.is_ready()
