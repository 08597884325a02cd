"""The camera in numbers, for the home page."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min

from integrations.camera.models import Analysis, AnalysisRun, AnalysisState, Visit
from integrations.core import clock
from integrations.core.registries import Counter
from integrations.core.work import OPEN_STATES, WorkState

RECENT = timedelta(days=7)


def counters() -> Iterator[Counter]:
    review = Analysis.objects.filter(state=AnalysisState.REVIEW).aggregate(count=Count("pk"), oldest=Min("created_at"))
    yield Counter(
        label="Photos to review",
        value=review["count"],
        model="camera.Analysis",
        query=f"state__exact={AnalysisState.REVIEW}",
        attention=True,
        detail=f"oldest from {review['oldest']:%Y-%m-%d %H:%M} UTC" if review["oldest"] else "",
    )
    yield Counter(
        label="Photos being analysed",
        value=AnalysisRun.objects.filter(state__in=OPEN_STATES).count(),
        model="camera.AnalysisRun",
        query=f"state__exact={WorkState.DUE}",
    )
    yield Counter(
        label="Analyses failed",
        value=AnalysisRun.objects.filter(state=WorkState.FAILED).count(),
        model="camera.AnalysisRun",
        query=f"state__exact={WorkState.FAILED}",
        attention=True,
    )
    since = clock.now() - RECENT
    refused = Visit.objects.filter(arrived_at__gt=since).exclude(callback_refused="")
    yield Counter(
        label="Callbacks not allowed",
        value=refused.count(),
        model="camera.Visit",
        attention=True,
        detail="in the last 7 days",
    )
    yield Counter(
        label="Visits that never came back",
        value=Visit.objects.filter(abandoned_at__gt=since).count(),
        model="camera.Visit",
        detail="in the last 7 days",
    )
