"""What the ledger knows of a subject."""

from collections.abc import Iterator

from django.urls import reverse

from integrations.core.registries import Entry
from integrations.sync.models import RecordWrite

LONGEST = 200


def entries(subject: str) -> Iterator[Entry]:
    """Yield the writes of a subject at the time of their last step."""
    rows = RecordWrite.objects.filter(subject=subject).select_related("operation", "lane__connection")
    shown = rows.only(
        "name",
        "note",
        "state",
        "verdict",
        "created_at",
        "sent_at",
        "ended_at",
        "attempts",
        "operation__name",
        "operation__kind",
        "lane__record_key",
        "lane__connection__name",
    )
    for write in shown.order_by("-id")[:LONGEST]:
        yield Entry(
            at=write.ended_at or write.sent_at or write.created_at,
            kind="write",
            title=f"{write.called} → {write.lane.connection.name} {write.lane.record_key}",
            state=write.verdict or write.state,
            note=write.note,
            url=reverse("admin:sync_recordwrite_change", args=[write.pk]),
        )
