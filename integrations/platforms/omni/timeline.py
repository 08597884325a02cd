from collections.abc import Iterator

from django.urls import reverse

from integrations.core.registries import Entry
from integrations.core.work import WorkState
from integrations.platforms.omni.models import Recognition

LONGEST = 200


def entries(subject: str) -> Iterator[Entry]:
    """Yield the recognitions that a rule joined to a subject."""
    rows = Recognition.objects.filter(subject=subject, state=WorkState.DONE).select_related("event")
    for row in rows.order_by("-event__occurred_at")[:LONGEST]:
        camera = (row.event.payload.get("camera") or {}).get("title") or row.event.camera_id
        yield Entry(
            at=row.event.occurred_at,
            kind="recognition",
            title=f"{row.event.type.replace('_', ' ')} at {camera}",
            note=f"By rule “{row.rule_name}”.",
            url=reverse("admin:omni_recognition_change", args=[row.pk]),
        )
