from collections.abc import Iterator

from django.urls import reverse

from integrations.core.registries import Counter
from integrations.platforms.generic.models import WorkOrderFeed


def counters() -> Iterator[Counter]:
    failing = WorkOrderFeed.objects.filter(failing_since__isnull=False)
    if count := failing.count():
        url = reverse("admin:generic_workorderfeed_changelist")
        yield Counter(label="Polls failing", value=count, url=url, attention=True)
