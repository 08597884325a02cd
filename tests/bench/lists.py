"""The report and every list over a million sessions with their orders, in a database that is made and dropped."""

import json
import os
import time
from dataclasses import dataclass

from tests.bench.processes import database, run
from tests.bench.receiving import ours_env


@dataclass(frozen=True)
class Page:
    name: str
    p50: float
    p95: float
    status: int


@dataclass(frozen=True)
class Looked:
    """`seeding`: seconds; `measured`: jobs a second that the background measures; `load`: of the machine at the end."""

    seeding: float
    measured: float
    load: float
    pages: list[Page]


def measure(*, count: int, rounds: int) -> Looked:
    with database("fieldport_bench_lists") as url:
        env = ours_env(url)
        run("portal.supervisor.tables", env=env)
        before = time.monotonic()
        measured = float(run("tests.bench.looking", "make", str(count), env=env).splitlines()[-1])
        seeding = time.monotonic() - before
        lines = run("tests.bench.looking", "look", str(count), str(rounds), env=env).splitlines()
        pages = [Page(*json.loads(line)) for line in lines if line.startswith("[")]
        return Looked(seeding, measured, os.getloadavg()[1], pages)
