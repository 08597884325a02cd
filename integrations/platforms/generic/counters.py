from collections.abc import Iterator

from integrations.core.registries import Counter
from integrations.platforms.generic.models import WorkOrderFeed


def counters() -> Iterator[Counter]:
    failing = WorkOrderFeed.objects.filter(failing_since__isnull=False)
    if count := failing.count():
        yield Counter(label="Polls failing", value=count, model="generic.WorkOrderFeed", attention=True)
