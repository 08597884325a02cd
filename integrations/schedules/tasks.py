from celery import shared_task

from integrations.core.drain import drain, sweep
from integrations.schedules import jobs
from integrations.schedules.models import ScheduledJob


@shared_task(name="schedules.tick")
def tick() -> None:
    jobs.beat("worker")
    jobs.ensure_rows()
    sweep()


@shared_task(name="schedules.run")
def run() -> None:
    drain(ScheduledJob, jobs.run_job)
