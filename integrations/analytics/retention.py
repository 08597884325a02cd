"""What was measured outlives its work order, so that figures of the past stay; it goes years later."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from integrations.analytics import tally
from integrations.analytics.models import MeasuredJob
from integrations.core.registries import Retained, register_retention
from integrations.workorders.models import WorkOrder


def _old(before: datetime) -> QuerySet[MeasuredJob]:
    """Return jobs of that time whose order is gone."""
    order = WorkOrder.objects.filter(pk=OuterRef("work_order_id"))
    return MeasuredJob.objects.filter(~Exists(order), counted_at__lt=before).order_by("id")


@transaction.atomic
def _remove(rows: QuerySet[MeasuredJob]) -> int:
    tally.note(rows, ())
    return rows.delete()[0]


def register() -> None:
    register_retention(Retained(kind="analytics.job", label="Measured jobs", days=3650, expired=_old, strip=_remove))
