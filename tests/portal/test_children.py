"""Supervised processes: real ones, really killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.supervisor import children, lifeline
from portal.supervisor.broker import Broker
from portal.supervisor.children import Child, Program

SLEEP = "import time; time.sleep(60)"
# A program with a child of its own in the same group, as a worker has its pool.
FAMILY = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', '{SLEEP}']).pid, flush=True); {SLEEP}"


def _until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    """Tell whether the process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def pipe() -> Iterator[int]:
    reading, writing = os.pipe()
    yield writing
    os.close(reading)
    os.close(writing)


@pytest.fixture
def start(tmp_path: Path, pipe: int) -> Iterator[Callable[[str], Child]]:
    started: list[Child] = []

    def make(code: str) -> Child:
        child = Child(Program("it", [sys.executable, "-c", code], dict(os.environ)), tmp_path / "it.log", pipe)
        started.append(child)
        child.start()
        return child

    yield make
    for child in started:
        child.end()


def _pid(child: Child) -> int:
    assert child.process
    return child.process.pid


def test_a_killed_child_starts_again_and_says_so(start: Callable[[str], Child]) -> None:
    child = start(SLEEP)
    first = _pid(child)
    os.kill(first, signal.SIGKILL)
    _until(lambda: not _lives(first))

    assert "killed by SIGKILL" in child.look_after()

    _until(lambda: child.look_after() == "" and child.process is not None)
    assert _lives(_pid(child))
    assert _pid(child) != first


def test_a_child_that_keeps_dying_is_started_less_and_less_often(start: Callable[[str], Child]) -> None:
    child = start("raise SystemExit('no use')")
    pauses = []
    for _ in range(3):
        _until(child.has_ended)
        assert "exit code 1" in child.look_after()
        pauses.append(child.pause)
        child.start()

    assert pauses == [1.0, 2.0, 4.0]
    assert "no use" in child.last_words()


def test_a_dead_childs_own_children_die_with_it(start: Callable[[str], Child]) -> None:
    child = start(FAMILY)
    _until(lambda: child.last_words() != "")
    grandchild = int(child.last_words())
    os.kill(_pid(child), signal.SIGKILL)
    _until(child.has_ended)
    assert _lives(grandchild)

    child.look_after()

    _until(lambda: not _lives(grandchild))


def test_a_big_log_is_moved_aside_while_the_child_writes(
    start: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LOG_BYTES", 10)
    child = start(f"print('x' * 100, flush=True); {SLEEP}")
    _until(lambda: child.log.stat().st_size > 10)

    child.look_after()

    assert child.log.stat().st_size == 0
    assert "x" * 100 in child.log.with_suffix(".log.1").read_text()


SUPERVISOR = """
import os, subprocess, sys, time
from pathlib import Path
from portal.supervisor import lifeline
from portal.supervisor.children import Child, Program
reading, writing = os.pipe()
subprocess.Popen([sys.executable, "-I", "-S", lifeline.__file__], stdin=reading, process_group=0)
os.close(reading)
child = Child(Program("it", [sys.executable, "-c", sys.argv[1]], dict(os.environ)), Path(sys.argv[2]), writing)
child.start()
print(child.process.pid, flush=True)
time.sleep(60)
"""


def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "it.log"
    command = [sys.executable, "-c", SUPERVISOR, FAMILY, str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        child = int(supervisor.stdout.readline())
        _until(lambda: log.exists() and log.read_text() != "")
        grandchild = int(log.read_text())
        assert _lives(child)
        assert _lives(grandchild)

        supervisor.kill()

    _until(lambda: not _lives(child) and not _lives(grandchild))


def test_the_lifeline_kills_what_does_not_listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifeline, "GRACE_SECONDS", 0.3)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, process_group=0) as process:
        assert process.stdout
        process.stdout.readline()

        lifeline.end({process.pid})

        assert process.wait(timeout=5) == -signal.SIGKILL


def test_the_broker_answers_only_who_knows_the_password(tmp_path: Path, pipe: int) -> None:
    (tmp_path / "run").mkdir()
    broker = Broker(tmp_path)
    child = Child(Program("broker", broker.command(), dict(os.environ), broker.config()), tmp_path / "it.log", pipe)
    child.start()
    try:
        broker.wait()
        stranger = Broker(tmp_path, port=broker.port)
        assert not stranger.answers()
        assert broker.password not in Path(f"/proc/{_pid(child)}/cmdline").read_text()
        assert list((tmp_path / "run").iterdir()) == []
    finally:
        child.end()
    assert not broker.answers()
