"""Runs of scripts in numbers, for the index page."""

from collections.abc import Iterator

from integrations.core.registries import Counter
from integrations.core.work import WorkState
from integrations.scripts.models import RunState, ScriptLane, ScriptRun


def counters() -> Iterator[Counter]:
    waiting = ScriptRun.objects.open()
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    yield Counter(
        label="Runs waiting",
        value=waiting.count(),
        model="scripts.ScriptRun",
        query=f"state__exact={RunState.WAITING}",
        detail=f"oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "",
    )
    yield Counter(
        label="Runs failed",
        value=ScriptRun.objects.filter(state=RunState.FAILED).count(),
        model="scripts.ScriptRun",
        query=f"state__exact={RunState.FAILED}",
        attention=True,
    )
    stopped = ScriptLane.objects.filter(state=WorkState.FAILED).count()
    query = f"state__exact={WorkState.FAILED}"
    yield Counter(label="Script lanes stopped", value=stopped, model="scripts.ScriptLane", query=query, attention=True)
