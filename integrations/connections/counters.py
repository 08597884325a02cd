"""What the index page counts of connections."""

from collections.abc import Iterator

from integrations.connections.models import Connection, Health
from integrations.core.registries import Counter

MODEL = "connections.Connection"


def counters() -> Iterator[Counter]:
    refused = Connection.objects.filter(health=Health.AUTH_FAILED)
    names = ", ".join(refused.order_by("name").values_list("name", flat=True)[:5])
    failing = Connection.objects.filter(health=Health.FAILING).count()
    paused = Connection.objects.filter(paused=True).count()
    yield Counter(
        "Connections: auth failed",
        refused.count(),
        MODEL,
        query=f"health__exact={Health.AUTH_FAILED}",
        attention=True,
        detail=f"{names}: enter new credentials." if names else "",
    )
    yield Counter("Connections failing", failing, MODEL, query=f"health__exact={Health.FAILING}", attention=True)
    yield Counter("Connections paused", paused, MODEL, query="paused__exact=1")
