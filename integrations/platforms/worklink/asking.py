"""What can be asked of imports: one for a period, stop, go on, once more; and those that the clock asks for."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from integrations.connections.models import Connection
from integrations.core import clock, cron
from integrations.core.wake import wake
from integrations.core.work import OPEN_STATES, Claim, WorkState
from integrations.platforms.worklink.importing import TASK
from integrations.platforms.worklink.models import ImportJob, ImportSchedule, What
from integrations.platforms.worklink.windows import back_from

EVERY = timedelta(minutes=1)
PERIOD = ("connection", "resource_type", "since", "since_persistent", "until")


def start(job: ImportJob) -> None:
    """Save what is meant, and let a worker do it."""
    job.save()
    wake(TASK)


def stop(job: ImportJob, *, by: str) -> None:
    """Let it end after the page at hand, or at once if none is; what was imported stays."""
    ImportJob.objects.filter(pk=job.pk, state__in=OPEN_STATES).update(stopped_by=by)
    waiting = ImportJob.objects.filter(pk=job.pk, state=WorkState.DUE)
    waiting.update(state=WorkState.SKIPPED, note=f"Stopped by {by}.", finished_at=clock.now())


def go_on(job: ImportJob) -> None:
    """Continue one that ended before its time, where it stopped."""
    ImportJob.objects.filter(pk=job.pk).rerun(now=clock.now(), stopped_by="")
    wake(TASK)


def run_again(job: ImportJob, *, by: str) -> ImportJob:
    """Ask for the same period once more, from its beginning; return the new import."""
    again = ImportJob(**{name: getattr(job, name) for name in PERIOD}, asked_by=by)
    start(again)
    return again


def start_due(claim: Claim) -> str:
    """Ask for the imports whose time has come; return what was asked for."""
    now, said = clock.now(), []
    for schedule in ImportSchedule.objects.filter(enabled=True).filter(Q(next_at__lte=now) | Q(next_at=None)):
        if _take_turn(schedule, now=now):
            said += [
                f"{schedule.connection}: {job.get_resource_type_display()}." for job in scheduled(schedule.connection)
            ]
    return " ".join(said) or "No import is due."


def _take_turn(schedule: ImportSchedule, *, now: datetime) -> bool:
    """Note when it comes next; False if it is not due, or another worker was first."""
    following = next_at(schedule, now=now)
    as_known = ImportSchedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
    return bool(as_known.update(next_at=following)) and schedule.next_at is not None


def next_at(schedule: ImportSchedule, *, now: datetime) -> datetime | None:
    """Return the next time; None if it is switched off."""
    if not schedule.enabled:
        return None
    return cron.next_times(schedule.cron, zone=schedule.time_zone, after=now)[0]


@transaction.atomic
def scheduled(connection: Connection) -> Sequence[ImportJob]:
    """Ask for what the clock asks for: from the last such import on, and a while further back."""
    jobs = []
    for what in What.values:
        before = ImportJob.objects.filter(connection=connection, resource_type=what, scheduled=True)
        if before.filter(state__in=OPEN_STATES).exists():
            continue
        last = before.filter(state=WorkState.DONE).order_by("-created_at").first()
        window = back_from(last.created_at if last else connection.write_from)
        reach = {"since": window.since, "since_persistent": window.since_persistent}
        job = ImportJob(connection=connection, resource_type=what, scheduled=True, **reach)
        start(job)
        jobs.append(job)
    return jobs
