from collections.abc import Iterator

from integrations.core.registries import Counter
from integrations.platforms.omni.models import State, Subscription


def counters() -> Iterator[Counter]:
    refused = Subscription.objects.filter(state=State.REFUSED)
    if count := refused.count():
        model, query = "omni.Subscription", f"state__exact={State.REFUSED}"
        yield Counter("Recognition events refused", count, model, query=query, attention=True)
