from celery import shared_task

from integrations.core.drain import drain
from integrations.sync import jobs
from integrations.sync.models import RecordLane


@shared_task(name="sync.drain")
def drain_lanes() -> None:
    drain(RecordLane, jobs.run_lane)
