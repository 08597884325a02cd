"""Importing sessions from the simulated CMS, twice, in a worker of its own: sessions a second, and its memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.bench.processes import database, run
from tests.bench.receiving import ours_env
from tests.simulators.running import running_worklink


@dataclass(frozen=True)
class Imported:
    """One import: seconds, seconds of CPU, and the most memory (MB) that its worker ever had."""

    name: str
    count: int
    seconds: float
    cpu_seconds: float
    memory: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU of one session, in ms: the figure to trust when the machine is busy."""
        return self.cpu_seconds / self.count * 1e3


def measure(*counts: int) -> Iterator[Imported]:
    """Import so many sessions into an empty database, and then once more; the CMS lists five steps and answers each."""
    for count in counts:
        yield from _measured(count)


def _measured(count: int) -> Iterator[Imported]:
    with database("fieldport_bench_import") as url, running_worklink() as cms:
        cms.control.set_settings(generated_sessions=count)
        env = ours_env(url, OUTBOUND_ALLOW=urlsplit(cms.url).netloc)
        run("portal.supervisor.tables", env=env)
        run("tests.bench.seeding", "importable", cms.url, env=env)
        names = (f"{count:,} sessions, new", f"{count:,} sessions, unchanged")
        for name in names:
            yield Imported(name, count, **json.loads(run("tests.bench.import_worker", env=env)))
