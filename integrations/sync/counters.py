"""The ledger in numbers, for the index page."""

from collections.abc import Iterator

from integrations.core.registries import Counter
from integrations.core.work import WorkState
from integrations.sync.models import OPEN_WRITES, RecordLane, RecordWrite, Verdict, WriteState


def counters() -> Iterator[Counter]:
    waiting = RecordWrite.objects.filter(state__in=OPEN_WRITES)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    yield Counter(
        label="Writes waiting",
        value=waiting.count(),
        model="sync.RecordWrite",
        query=f"state__in={','.join(OPEN_WRITES)}",
        detail=f"oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "",
    )
    for state, label in ((WriteState.FAILED, "Writes failed"), (WriteState.UNSURE, "Writes to decide")):
        value = RecordWrite.objects.filter(state=state).count()
        yield Counter(label, value, "sync.RecordWrite", query=f"state__exact={state}", attention=True)
    drifted = RecordWrite.objects.filter(state=WriteState.DONE, verdict=Verdict.DRIFTED).count()
    query = f"verdict__exact={Verdict.DRIFTED}"
    yield Counter("Writes drifted", drifted, "sync.RecordWrite", query=query, attention=True)
    stopped = RecordLane.objects.filter(state=WorkState.FAILED).count()
    query = f"state__exact={WorkState.FAILED}"
    yield Counter("Lanes stopped", stopped, "sync.RecordLane", query=query, attention=True)
