"""The whole installation as the drill runs it: started, harmed, looked after, stopped."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
from redis import Redis
from redis.exceptions import RedisError

from portal.settings.running import RunOptions
from portal.supervisor import lifeline, programs, readiness
from portal.supervisor.broker import Broker
from portal.supervisor.children import Child, Program
from portal.supervisor.ports import free_port
from tests.bench.processes import KEYS, ROOT
from tests.drill.cluster import Cluster
from tests.drill.looking import Database, PostgreSQL, SQLite

LEASE_SECONDS, SWEEP_SECONDS = 4.0, 1.0
PAUSE = 0.2
START_SECONDS = 120.0
STOP_SECONDS = 10.0
OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "OUTBOUND", "BROKER_PREFIX")


@dataclass
class House:
    """Broker, database, web, workers and scheduler; a child that dies is started again, as a supervisor does.

    `reachable`: what it may send requests to, each as host:port.
    """

    folder: Path
    reachable: list[str]
    embedded: bool
    seeding: str = "tests.drill.seeding"
    port: int = field(default_factory=free_port)
    children: dict[str, Child] = field(default_factory=dict)
    stopped: dict[int, float] = field(default_factory=dict)
    _lifeline: int = -1
    _watcher: "subprocess.Popen[bytes] | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.broker = Broker(self.folder)
        self.cluster = None if self.embedded else Cluster(self.folder / "postgresql")
        for name in ("logs", "run", "media"):
            (self.folder / name).mkdir(mode=0o700)

    @property
    def database(self) -> Database:
        if self.cluster:
            return PostgreSQL(self.cluster.url)
        return SQLite(self.folder / "fieldport.sqlite3")

    def start(self, seed: dict[str, object]) -> None:
        """Start everything, in order, with the rows of the module `seeding`."""
        self._start_lifeline()
        self.add(Program("broker", self.broker.command(), dict(os.environ), speech=self.broker.config()))
        if self.cluster:
            self.cluster.make()
            self.add(self.cluster.program())
            self.cluster.wait()
            self.cluster.create_database()
        self.broker.wait()
        env = self.environment()
        self._run(env, self.seeding, json.dumps(seed))
        for program in self._programs(env):
            self.add(program)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        """:raises TimeoutError: if not all of it works in time"""
        deadline = time.monotonic() + START_SECONDS
        while not (state := readiness.ask(self.url)).ready:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the installation did not become ready; lacking: {state.lacking or 'web'}")
            self.look_after()
            time.sleep(0.2)

    def environment(self) -> dict[str, str]:
        env = programs.environment(self._options(), redis_url=self.broker.url, simulators=None)
        env = {name: value for name, value in env.items() if name.removesuffix("_FILE") not in OWN}
        env |= KEYS | {
            "REDIS_URL": self.broker.url,
            "DJANGO_SETTINGS_MODULE": f"portal.settings.{'local' if self.embedded else 'production'}",
            "ENV_FILE": "",
            "WORK_LEASE_SECONDS": str(LEASE_SECONDS),
            "SWEEP_SECONDS": str(SWEEP_SECONDS),
            "LOG_LEVEL": "WARNING",
        }
        return env | ({"DATABASE_URL": self.cluster.url} if self.cluster else {})

    def _options(self) -> RunOptions:
        return RunOptions(
            host="127.0.0.1",
            port=self.port,
            https=False,
            https_port=0,
            data_dir=self.folder,
            demo=False,
            web_processes=1,
            worker_processes=2 if self.embedded else 1,
            database_url=self.cluster.url if self.cluster else "",
            redis_url=self.broker.url,
            public_url=self.url,
            allowed_hosts=[],
            outbound_allow=self.reachable,
            keys_given=frozenset(KEYS),
        )

    def _programs(self, env: dict[str, str]) -> list[Program]:
        """As the product starts them; on PostgreSQL with a second worker."""
        found = programs.programs(self._options(), env)
        if self.embedded:
            return found
        return [*found, *(replace(each, name="worker-2") for each in found if each.name == "worker")]

    def _run(self, env: dict[str, str], *command: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")

    def _start_lifeline(self) -> None:
        """It ends every child even when the drill itself is killed."""
        reading, self._lifeline = os.pipe()
        command = [sys.executable, "-I", "-S", lifeline.__file__]
        self._watcher = subprocess.Popen(command, stdin=reading, process_group=0)
        os.close(reading)

    def add(self, program: Program) -> None:
        """Start a program that is looked after with the others."""
        child = Child(program, self.folder / "logs" / f"{program.name}.log", self._lifeline)
        self.children[program.name] = child
        child.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[str]:
        return [name for name in self.children if name.startswith("worker")]

    def look_after(self) -> None:
        """Start again what died, and let go on what was stopped for long enough."""
        with self._lock:
            due = [pid for pid, until in self.stopped.items() if time.monotonic() >= until]
            for pid in due:
                del self.stopped[pid]
                _tell(pid, signal.SIGCONT)
        for child in self.children.values():
            child.pause = PAUSE / 2
            child.look_after()

    def kill(self, name: str) -> None:
        """SIGKILL to a program and all that it started, as by the kernel or an operator."""
        if pid := self._pid(name):
            _tell(pid, signal.SIGKILL)

    def signal(self, name: str, number: signal.Signals) -> None:
        if pid := self._pid(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _pid(self, name: str) -> int:
        process = self.children[name].process
        return process.pid if process and process.poll() is None else 0

    def stop_for(self, name: str, *, seconds: float) -> None:
        """SIGSTOP to a program and all that it started; it goes on after so many seconds."""
        if pid := self._pid(name):
            self._stop(pid, seconds=seconds)

    def _stop(self, pid: int, *, seconds: float) -> None:
        with self._lock:
            self.stopped[pid] = time.monotonic() + seconds
        _tell(pid, signal.SIGSTOP)

    def listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def caller(self, port: int) -> str:
        """Return the worker one of whose processes holds this local port; empty if none does."""
        for name in self.workers:
            for process in self._family(name):
                with contextlib.suppress(psutil.Error):
                    if any(link.laddr and link.laddr.port == port for link in process.net_connections("tcp4")):
                        return name
        return ""

    def _family(self, name: str) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            if pid := self._pid(name):
                parent = psutil.Process(pid)
                return [*parent.children(recursive=True), parent]
        return []

    def kill_pool_process(self, name: str) -> None:
        """SIGKILL to one process of a worker's pool; the worker itself goes on."""
        for process in self._family(name)[:1]:
            with contextlib.suppress(psutil.Error):
                process.kill()

    def kill_sandbox(self, name: str) -> None:
        """SIGKILL to the processes in which a worker's scripts run; the worker goes on."""
        for process in self._family(name)[:-1]:  # the worker's pool, not the worker
            with contextlib.suppress(psutil.Error):
                if process.ppid() != self._pid(name):
                    process.kill()

    def flush_broker(self) -> None:
        with contextlib.suppress(RedisError), Redis.from_url(self.broker.url, socket_timeout=2) as broker:
            broker.flushall()

    def stop(self) -> None:
        """End everything, the database in order."""
        for pid in list(self.stopped):
            _tell(pid, signal.SIGCONT)
        rest = [child for name, child in self.children.items() if name != "postgresql"]
        for child in rest:
            child.end()
        if server := self.children.get("postgresql"):
            self.signal("postgresql", signal.SIGQUIT)
            deadline = time.monotonic() + STOP_SECONDS
            while not server.has_ended() and time.monotonic() < deadline:
                time.sleep(0.05)
            server.end()
        if self._watcher:
            os.close(self._lifeline)
            self._watcher.wait()


@contextmanager
def standing(
    reachable: list[str], seed: dict[str, object], *, say: Callable[[str], None], keep: bool = False, **given: Any
) -> Iterator[House]:
    """Start an installation in a directory of its own, and take both away. `keep` leaves databases and logs."""
    folder = Path(tempfile.mkdtemp(prefix="fieldport-drill-"))
    folder.chmod(0o711)  # the server of the cluster, which is another user, must get through
    house = House(folder, reachable, **given)
    try:
        house.start(seed)
        yield house
    finally:
        house.stop()
        if keep:
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _tell(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
