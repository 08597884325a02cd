"""The ledger in numbers, for the index page."""

from collections.abc import Iterator

from django.urls import reverse

from integrations.core.registries import Counter
from integrations.core.work import WorkState
from integrations.sync.models import OPEN_WRITES, RecordLane, RecordWrite, Verdict, WriteState


def counters() -> Iterator[Counter]:
    writes = reverse("admin:sync_recordwrite_changelist")
    waiting = RecordWrite.objects.filter(state__in=OPEN_WRITES)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    yield Counter(
        label="Writes waiting",
        value=waiting.count(),
        url=f"{writes}?state__in={','.join(OPEN_WRITES)}",
        detail=f"oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "",
    )
    for state, label in ((WriteState.FAILED, "Writes failed"), (WriteState.UNSURE, "Writes to decide")):
        value = RecordWrite.objects.filter(state=state).count()
        yield Counter(label=label, value=value, url=f"{writes}?state__exact={state}", attention=True)
    drifted = RecordWrite.objects.filter(state=WriteState.DONE, verdict=Verdict.DRIFTED).count()
    yield Counter(
        label="Writes drifted", value=drifted, url=f"{writes}?verdict__exact={Verdict.DRIFTED}", attention=True
    )
    stopped = RecordLane.objects.filter(state=WorkState.FAILED).count()
    lanes = reverse("admin:sync_recordlane_changelist")
    yield Counter(label="Lanes stopped", value=stopped, url=f"{lanes}?state__exact={WorkState.FAILED}", attention=True)
