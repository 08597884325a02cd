"""An installation as `make run` starts it, in a process of its own."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
SETTINGS = (
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "REDIS_URL",
    "BROKER_PREFIX",
    "DATABASE_URL",
)


@dataclass
class Run:
    process: "subprocess.Popen[str]"
    port: int
    data: Path
    lines: list[str] = field(default_factory=list)

    def ready(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return dict(json.loads(answer.read()))
        except urllib.error.HTTPError as error:
            return dict(json.loads(error.read()))
        except OSError:
            return {"ready": False}

    def is_ready(self) -> bool:
        return bool(self.ready()["ready"])

    def children(self, *words: str) -> list[psutil.Process]:
        return [each for each in psutil.Process(self.process.pid).children() if set(words) <= _words(each)]

    def said(self, text: str) -> bool:
        return any(text in line for line in self.lines)


def _words(process: psutil.Process) -> set[str]:
    try:
        return set(process.cmdline())
    except psutil.Error:  # it just ended
        return set()


def until(true: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


@contextmanager
def running(data: Path, *, port: int, **more: str) -> Iterator[Run]:
    given = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    variables = given | {"DATA_DIR": str(data), "PORT": str(port), "DEMO": "0", "ENV_FILE": "", **more}
    command = [sys.executable, "-m", "portal.supervisor"]
    with subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        run = Run(process, port, data)
        assert process.stdout
        reader = Thread(target=run.lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            yield run
        finally:
            process.terminate()
            process.wait(timeout=30)
            reader.join(timeout=5)
