"""Work orders with calls, as the report counts them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from integrations.analytics import services
from integrations.connections.models import Connection
from integrations.platforms.worklink.models import CallSession
from integrations.workorders.models import WorkOrder
from tests.factories import make_connection, make_workspace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_numbers = count(1)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def make_job(took: float | None, *calls: float, opened: datetime | None = NOON, **values: Any) -> WorkOrder:
    """An order that took so many hours, with connected calls of 12 minutes so many hours after its opening."""
    resolved = None if took is None or opened is None else opened + hours(took)
    given = {"workspace": make_workspace(), "opened_at": opened, "resolved_at": resolved} | values
    order = WorkOrder.objects.create(**given)
    for after in calls:
        make_call(order, NOON + hours(after))
    return order


def make_call(order: WorkOrder, at: datetime | None, *, connected: bool = True, seconds: float | None = 720.0) -> Any:
    return CallSession.objects.create(
        connection=_cms(),
        resource_id=f"call-{next(_numbers)}",
        started_at=at,
        connected_at=at if connected else None,
        seconds=seconds,
        subject=order.subject,
        read_at=timezone.now(),
    )


def _cms() -> Connection:
    return Connection.objects.filter(slug="calls").first() or make_connection(slug="calls")


def make_seven(**values: Any) -> list[WorkOrder]:
    """The worked example of the sheet (5 (d))."""
    with_call = [make_job(took, 1, **values) for took in (2, 4, 6)]
    return with_call + [make_job(took, **values) for took in (5, 7, 9, 11)]


def measure_all() -> int:
    """Measure until there is nothing to do; return how many were."""
    services.recount("a test", now=timezone.now())
    return sum(_batches())


def _batches() -> Sequence[int]:
    found = []
    while done := services.measure_some(size=50):
        found.append(done)
    return found
