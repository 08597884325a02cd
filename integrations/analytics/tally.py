"""Jobs counted by month, priority, group and class of time, so that a report reads thousands of rows, not a million.

What was measured anew adds rows with differences (`fresh`), in the transaction of the measuring; now and then they are
folded into one row per group.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, DateField, Sum
from django.db.models.functions import Coalesce, TruncMonth

from integrations.analytics.models import JobTally, MeasuredJob

GROUP = ("workspace_id", "calendar_id", "month", "priority", "left_out", "with_call", "bucket")
MOST_FRESH = 20_000
Key = tuple[object, ...]


def note(before: Iterable[MeasuredJob], after: Iterable[MeasuredJob]) -> None:
    """Add what the one set of rows, replaced by the other, changes; in the caller's transaction."""
    counts: dict[Key, int] = defaultdict(int)
    seconds: dict[Key, float] = defaultdict(float)
    for sign, rows in ((-1, before), (1, after)):
        for row in rows:
            key = _key(row)
            counts[key] += sign
            seconds[key] += sign * (row.seconds or 0.0)
    changed = [key for key in counts if counts[key] or seconds[key]]
    JobTally.objects.bulk_create(
        JobTally(**dict(zip(GROUP, key, strict=True)), n=counts[key], seconds=seconds[key], fresh=True)
        for key in changed
    )


def _key(row: MeasuredJob) -> Key:
    return (*(getattr(row, name) if name != "month" else month_of(row.counted_at) for name in GROUP),)


def month_of(at: datetime) -> date:
    return at.astimezone(UTC).date().replace(day=1)


def fold() -> None:
    """Put the rows of each group together, if there are many; in the transaction that holds the recount's lock."""
    if JobTally.objects.filter(fresh=True)[:MOST_FRESH].count() < MOST_FRESH:
        return
    last = JobTally.objects.order_by("-pk").values_list("pk", flat=True)[0]
    old = JobTally.objects.filter(pk__lte=last)
    sums = old.values_list(*GROUP).annotate(total=Sum("n"), took=Sum("seconds")).order_by()
    _insert(*sums.exclude(total=0).query.sql_with_params())
    old.delete()


def rebuild() -> None:
    """Count everything that was measured from scratch; in the transaction that holds the recount's lock."""
    JobTally.objects.all().delete()
    month = TruncMonth("counted_at", tzinfo=UTC, output_field=DateField())
    rows = MeasuredJob.objects.annotate(month=month).values_list(*GROUP)
    counted = rows.annotate(total=Count("pk"), took=Coalesce(Sum("seconds"), 0.0)).order_by()
    _insert(*counted.query.sql_with_params())


def _insert(select: str, values: Iterable[Any]) -> None:
    table, columns = JobTally._meta.db_table, ", ".join((*GROUP, "n", "seconds", "fresh"))
    with connection.cursor() as cursor:
        text = f"INSERT INTO {table} ({columns}) SELECT counted.*, false FROM ({select}) counted"  # noqa: S608  ours
        cursor.execute(text, tuple(values))
