"""What can be asked of imports: one for a period, stop, go on, once more; and those that the clock asks for."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.asked import stop, take_turn
from integrations.core.wake import wake
from integrations.core.work import OPEN_STATES, Claim, WorkState
from integrations.platforms.worklink.importing import TASK
from integrations.platforms.worklink.models import ImportJob, ImportSchedule, What
from integrations.platforms.worklink.windows import back_from

__all__ = ["EVERY", "go_on", "run_again", "scheduled", "start", "start_due", "stop"]

EVERY = timedelta(minutes=1)
PERIOD = ("connection", "resource_type", "since", "since_persistent", "until")


def start(job: ImportJob) -> None:
    """Save what is meant, and let a worker do it."""
    job.save()
    wake(TASK)


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
        if take_turn(schedule, now=now):
            said += [
                f"{schedule.connection}: {job.get_resource_type_display()}." for job in scheduled(schedule.connection)
            ]
    return " ".join(said) or "No import is due."


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
