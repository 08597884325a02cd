"""What the list of scripts shows of their runs, read with the scripts."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from integrations.scripts.models import RunState, ScriptRun

LATELY = timedelta(hours=24)


def with_runs(scripts: "QuerySet[Any]", *, now: datetime) -> "QuerySet[Any]":
    """Add `last_run_pk`, `last_run_state`, `last_run_at`, and `failures`: failed runs of the last 24 hours."""
    own = ScriptRun.objects.filter(script=OuterRef("pk")).order_by("-pk")
    failed = own.order_by().filter(state=RunState.FAILED, created_at__gte=now - LATELY)
    count = failed.values("script").annotate(count=Count("pk")).values("count")
    annotated: QuerySet[Any] = scripts.annotate(
        last_run_pk=Subquery(own.values("pk")[:1]),
        last_run_state=Subquery(own.values("state")[:1]),
        last_run_at=Subquery(own.values("created_at")[:1]),
        failures=Coalesce(Subquery(count, output_field=IntegerField()), 0),
    )
    return annotated
