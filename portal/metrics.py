"""`/metrics` for Prometheus: open work by kind and state, the oldest that is due, and the process itself."""

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from integrations.core import clock
from integrations.core.work import OPEN_STATES, kinds
from integrations.schedules.models import Heartbeat


class WorkCollector(Collector):
    """Counts only what is open: the partial index answers, however long the history is."""

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = clock.now()
        rows = GaugeMetricFamily("fieldport_work_rows", "Open rows of work.", labels=["kind", "state"])
        late = GaugeMetricFamily("fieldport_work_oldest_due_seconds", "Age of the oldest due row.", labels=["kind"])
        for kind in kinds():
            label, open_rows = kind.model._meta.label, kind.model._default_manager.filter(state__in=OPEN_STATES)
            found = dict(open_rows.order_by().values_list("state").annotate(Count("pk")))
            for state in OPEN_STATES:
                rows.add_metric([label, state], found.get(state, 0))
            oldest = open_rows.filter(due_at__lte=now).aggregate(oldest=Min("due_at"))["oldest"]
            late.add_metric([label], (now - oldest).total_seconds() if oldest else 0)
        yield from (rows, late, _heartbeats())


def _heartbeats() -> GaugeMetricFamily:
    seen = GaugeMetricFamily("fieldport_heartbeat_timestamp_seconds", "When it was last seen.", labels=["process"])
    for beat in Heartbeat.objects.all():
        seen.add_metric([beat.name], beat.seen_at.timestamp())
    return seen


REGISTRY.register(WorkCollector())


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Numbers only, no names of customers; METRICS_TOKEN asks for `Authorization: Bearer`."""
    token = settings.METRICS_TOKEN
    if token and not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return HttpResponse("Send the METRICS_TOKEN as a bearer token.\n", status=401, content_type="text/plain")
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_PLAIN_0_0_4)
