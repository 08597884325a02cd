from collections.abc import Iterator

from django.db.models import Count, Min

from integrations.core.registries import Counter
from integrations.workorders.models import Join


def counters() -> Iterator[Counter]:
    """Yield how much waits for an operator's choice, and since when."""
    found = Join.objects.unmatched().aggregate(count=Count("pk"), oldest=Min("occurred_at"))
    yield Counter(
        label="Unmatched",
        value=found["count"],
        model="workorders.Join",
        attention=True,
        detail=f"oldest from {found['oldest']:%Y-%m-%d %H:%M} UTC" if found["oldest"] else "",
    )
