"""Jobs that run every so often: a registry in code, one row each in the database, one static tick."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from integrations.core import clock
from integrations.core.errors import FieldportError
from integrations.core.ids import correlated
from integrations.core.work import Claim, WorkState
from integrations.schedules.models import Heartbeat, ScheduledJob

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A registered job. `run(claim)` may take long: it renews its claim and returns a sentence on what it did."""

    name: str
    label: str
    every: timedelta
    run: Callable[[Claim], str]


_jobs: dict[str, Job] = {}


def register(name: str, *, label: str, every: timedelta, run: Callable[[Claim], str]) -> None:
    """Add a job, from `AppConfig.ready()`; its row is made at the first tick."""
    _jobs[name] = Job(name=name, label=label, every=every, run=run)


def registered() -> list[Job]:
    return list(_jobs.values())


def ensure_rows() -> None:
    """Make a row for each registered job that has none yet."""
    known = set(ScheduledJob.objects.values_list("name", flat=True))
    missing = [ScheduledJob(name=name, due_at=clock.now()) for name in _jobs if name not in known]
    ScheduledJob.objects.bulk_create(missing, ignore_conflicts=True)


def run_job(claim: Claim) -> None:
    """Run one due job and make its row due again after its interval, whatever came of it."""
    job = _jobs.get(claim.row.name)
    if job is None:
        ScheduledJob.objects.finish(claim, state=WorkState.SKIPPED, note="No such job in this version.")
        return
    started, before = clock.now(), time.monotonic()
    with correlated(""):
        note = _note_of(job, claim)
    took = time.monotonic() - before
    ScheduledJob.objects.retry(
        claim, due_at=started + job.every, note=note, last_ran_at=started, last_seconds=took, attempts=0
    )


def _note_of(job: Job, claim: Claim) -> str:
    try:
        return job.run(claim)
    except FieldportError as error:
        return str(error)
    except Exception as error:  # the edge of a job: it must run again next time
        logger.exception("scheduled job %s failed", job.name)
        return f"Failed: {type(error).__name__}: {error}"


def beat(name: str) -> None:
    """Note that a process of this name is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": clock.now()})
