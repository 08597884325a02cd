"""The two simulators of a bench run, in a process of their own, driven over their control addresses."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.bench.processes import ROOT


class Simulated:
    """Addresses and control of the running simulators."""

    def __init__(self, worklink: str, record: str) -> None:
        self.worklink, self.record = worklink, record

    def ask(self, base: str, what: str, **arguments: Any) -> Any:
        answer = requests.post(f"{base}/_sim/{what}", json=arguments, timeout=120)
        answer.raise_for_status()
        return answer.json()["result"]

    def sessions(self, count: int, *, first: int) -> list[str]:
        """Make finished sessions and their work orders, without a word to anybody; return the sessions' ids."""
        self.ask(self.record, "orders/bulk", first=first, count=count)
        made: list[str] = self.ask(self.worklink, "sessions/prepare", count=count, first=first)
        return made

    def allowed(self) -> str:
        """Exactly these two ports, for OUTBOUND_ALLOW."""
        return ",".join(urlsplit(url).netloc for url in (self.worklink, self.record))


@contextmanager
def simulated() -> Iterator[Simulated]:
    process = subprocess.Popen([sys.executable, "-m", "tests.simulators"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Simulated(**json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(timeout=10)
