"""The pool: threads, forks, deaths of a script's process and of its parent."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integrations.scripts.sandbox import (
    Ending,
    Finished,
    Limits,
    Program,
    Sandbox,
    SandboxUnavailable,
    kernel,
    pool,
    shared,
)
from integrations.scripts.sandbox.languages import Language, language
from tests.scripts.sandbox.hosts import Scripted, run

ROOT = Path(__file__).resolve().parents[3]
ONE_CALL = "async function run(ctx) { return await ctx.store.get(ctx.event.n) }"


def idle(sandbox: Sandbox) -> list[int]:
    return [each.pid for each in sandbox._idle["javascript"]]


def until(condition: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@pytest.fixture
def own() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


def test_at_rest_two_processes_stand_ready_and_serve_in_turn(own: Sandbox) -> None:
    run(own, "const run = () => 1")
    first, second = idle(own)

    for _ in range(4):
        run(own, "const run = () => 1")

    assert set(idle(own)) == {first, second}


def test_a_process_that_had_to_be_ended_is_replaced_at_once(own: Sandbox) -> None:
    run(own, "const run = () => 1")
    before = set(idle(own))

    run(own, "function run() { for (;;); }", limits=Limits(cpu_seconds=0.1))
    after = set(idle(own))

    assert len(after) == 2
    assert len(before & after) == 1


def test_the_next_script_runs_within_a_second_of_one_that_was_ended(own: Sandbox) -> None:
    run(own, "const run = () => 1")
    for _ in range(3):
        run(own, "function run() { for (;;); }", limits=Limits(cpu_seconds=0.05))
        started_at = time.monotonic()

        ended = run(own, "const run = () => 1")

        assert ended.value == 1
        assert time.monotonic() - started_at < 1


def test_a_process_is_replaced_after_many_runs(own: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "RUNS_OF_A_PROCESS", 3)
    run(own, "const run = () => 1")
    before = set(idle(own))

    for _ in range(10):
        assert run(own, "const run = () => 1").value == 1

    assert not before & set(idle(own))


def test_threads_share_it_and_each_gets_its_own_answer(own: Sandbox) -> None:
    hosts = [Scripted(lambda name, arguments: arguments["key"]) for _ in range(8)]

    def several(n: int) -> list[Finished]:
        return [run(own, ONE_CALL, host=hosts[n], event={"n": f"{n}/{i}"}) for i in range(10)]

    with ThreadPoolExecutor(8) as threads:
        ended = list(threads.map(several, range(8)))

    assert [[each.value for each in row] for row in ended] == [[f"{n}/{i}" for i in range(10)] for n in range(8)]
    assert len(idle(own)) <= 4


def test_who_comes_when_all_work_waits_and_is_told_after_a_while() -> None:
    small = Sandbox(most=1, patience=0.5)
    begun, done = threading.Event(), threading.Event()

    def wait(name: str, arguments: object) -> None:
        begun.set()
        done.wait(20)

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(run, small, ONE_CALL, host=Scripted(wait), event={"n": "a"}, limits=Limits())
        assert begun.wait(20)

        with pytest.raises(SandboxUnavailable, match="1 scripts run"):
            run(small, "const run = () => 1")

        done.set()
        assert first.result().ending is Ending.RETURNED
    assert run(small, "const run = () => 1").value == 1
    small.close()


def test_an_engine_that_does_not_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Sandbox()
    missing = Language("javascript", Path("/nowhere/_quickjs.so"), Path("/nowhere"), first_own_line=1)
    monkeypatch.setattr(pool, "language", lambda name: missing)

    with pytest.raises(SandboxUnavailable, match="does not start"):
        own.run(Program("javascript", ""), input={}, host=Scripted())

    own.close()


def test_processes_killed_while_idle_are_not_noticed_by_scripts(own: Sandbox) -> None:
    run(own, "const run = () => 1")
    for pid in idle(own):
        os.kill(pid, signal.SIGKILL)
    assert until(lambda: all(is_gone(pid) for pid in idle(own)))

    ended = run(own, "const run = () => 1")

    assert ended.value == 1


def test_processes_killed_at_random_times_end_their_run_and_no_other(own: Sandbox) -> None:
    """Each run makes one call. None hangs, none is answered with another's value, none calls twice."""
    dice, stop = random.Random(7), threading.Event()

    def kill_now_and_then() -> None:
        while not stop.wait(dice.uniform(0.001, 0.03)):
            family = subprocess.run(["pgrep", "-P", str(os.getpid())], capture_output=True, text=True, check=False)
            ours = [int(pid) for pid in family.stdout.split() if b"jailed.main" in _command(int(pid))]
            if ours:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(dice.choice(ours), signal.SIGKILL)

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    endings: list[Ending] = []
    for n in range(150):
        host = Scripted(lambda name, arguments: arguments["key"])
        try:
            ended = run(own, ONE_CALL, host=host, event={"n": n}, limits=Limits())
        except SandboxUnavailable:
            continue
        endings.append(ended.ending)
        assert ended.value == (str(n) if ended.ending is Ending.RETURNED else None)
        assert len(host.calls) <= 1
    stop.set()
    killer.join()

    assert set(endings) <= {Ending.RETURNED, Ending.BROKEN}
    assert Ending.RETURNED in endings
    assert until(lambda: run(own, "const run = () => 1").value == 1, seconds=1)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_forked_process_begins_anew_and_leaves_its_parents_alone(own: Sandbox) -> None:
    run(own, "const run = () => 1")
    before = set(idle(own))
    pid = os.fork()
    if pid == 0:
        good = run(own, "const run = () => 1").value == 1 and not before & set(idle(own))
        own.close()
        os._exit(0 if good else 1)
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert run(own, "const run = () => 1").value == 1
    assert set(idle(own)) == before


ORPHAN = """
import sys
from integrations.scripts.sandbox import Limits, Program, Sandbox

class Host:
    def call(self, name, arguments):
        print(*(each.pid for each in sandbox._idle["javascript"]), arguments["key"], flush=True)
        sys.stdin.read()
    def log(self, level, message, data): print("computing", flush=True)

sandbox = Sandbox()
sandbox.run(Program("javascript", "const run = () => 1"), input={}, host=Host())
source = "async function run(ctx) { %s; await ctx.store.get('waiting') }"
sandbox.run(Program("javascript", source), input={}, host=Host(), limits=Limits(cpu_seconds=1, wall_seconds=60))
"""


@pytest.mark.parametrize("doing", ["1", "ctx.log.info('a'); for (;;)"])
def test_when_the_parent_dies_its_processes_end(doing: str) -> None:
    """Also one that computes: its own clock ends it, at its limit."""
    command = [sys.executable, "-c", ORPHAN % doing]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline()
        children = _children(parent.pid)

        parent.kill()

    assert len(children) == 2
    assert until(lambda: all(is_gone(pid) for pid in children))


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in text.split()]


def test_after_it_is_closed_nothing_is_left_running(own: Sandbox) -> None:
    run(own, "const run = () => 1")
    pids = idle(own)

    own.close()

    assert all(is_gone(pid) for pid in pids)
    assert idle(own) == []


def test_the_process_has_one_sandbox_of_its_own() -> None:
    assert shared() is shared()
    assert shared().level in ("none", "rlimits", "seccomp")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no seccomp")
def test_on_linux_the_jail_is_as_strong_as_it_can_be(own: Sandbox) -> None:
    assert own.level == "seccomp"


def test_asking_for_the_level_delays_no_script(own: Sandbox) -> None:
    started = time.monotonic()

    assert own.level
    ended = run(own, "const run = () => 1")

    assert ended.value == 1
    assert time.monotonic() - started < 5.0


def test_a_level_that_the_kernel_does_not_confirm_is_not_believed() -> None:
    assert kernel.level_of(os.getpid(), "seccomp") != "seccomp"
    assert kernel.level_of(os.getpid(), "perfect") == "none"
    assert language("javascript").name == "javascript"
