"""Requests whose check failed: the newest few per source, cut, for a person to look at; never processed."""

from django.db import close_old_connections

from integrations.inbox.models import QuarantinedWebhook

MOST_KEPT = 200
MOST_BYTES = 16 * 1024


def keep(source_id: int, reason: str, body: bytes, headers: str) -> None:
    """Store one refused request and drop the oldest above the cap. Blocking."""
    close_old_connections()
    kept = headers if len(headers) <= MOST_BYTES else "[]"
    QuarantinedWebhook.objects.create(source_id=source_id, reason=reason[:300], body=body[:MOST_BYTES], headers=kept)
    rows = QuarantinedWebhook.objects.filter(source_id=source_id).order_by("-id")
    beyond = rows.values_list("id", flat=True)[MOST_KEPT : MOST_KEPT + 1].first()
    if beyond is not None:
        rows.filter(id__lte=beyond).delete()
