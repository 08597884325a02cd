"""What the index page counts of connections."""

from collections.abc import Iterator

from django.urls import reverse

from integrations.connections.models import Connection, Health
from integrations.core.registries import Counter


def counters() -> Iterator[Counter]:
    url = reverse("admin:connections_connection_changelist")
    refused = Connection.objects.filter(health=Health.AUTH_FAILED)
    names = ", ".join(refused.order_by("name").values_list("name", flat=True)[:5])
    failing = Connection.objects.filter(health=Health.FAILING).count()
    paused = Connection.objects.filter(paused=True).count()
    yield Counter(
        "Connections: auth failed",
        refused.count(),
        url=f"{url}?health__exact={Health.AUTH_FAILED}",
        attention=True,
        detail=f"{names}: enter new credentials." if names else "",
    )
    yield Counter("Connections failing", failing, url=f"{url}?health__exact={Health.FAILING}", attention=True)
    yield Counter("Connections paused", paused, url=f"{url}?paused__exact=1")
