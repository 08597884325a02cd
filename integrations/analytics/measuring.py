"""What one work order is, measured by the clock and by each calendar. Pure but for the rows it makes, unsaved."""

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from integrations.analytics.hours import BusinessHours, by_the_clock, timetable
from integrations.analytics.models import AssetClass, BusinessCalendar, MeasuredJob
from integrations.analytics.resolution import CallFact, Elapsed, Job, LeftOut, Measured, measure
from integrations.analytics.spread import bucket_of

ByCalendar = Mapping[int | None, Elapsed]


@dataclass(frozen=True)
class Order:
    """What the centre knows of a work order."""

    pk: int
    workspace_id: int
    opened_at: datetime | None
    resolved_at: datetime | None
    created_at: datetime
    priority: str
    site: str
    asset: str

    @property
    def years(self) -> set[int]:
        return {at.year for at in (self.opened_at, self.resolved_at) if at}


@dataclass(frozen=True)
class Rules:
    """How a workspace measures."""

    calendars: Mapping[int, BusinessHours]
    classify: Callable[[str], str]

    def elapsed(self, years: set[int]) -> dict[int | None, Elapsed]:
        """Return how time passes: by the clock, and by each calendar over these years."""
        found: dict[int | None, Elapsed] = {None: by_the_clock}
        first, last = min(years, default=2000), max(years, default=2000)
        for pk, hours in self.calendars.items():
            found[pk] = timetable(hours, first_year=first, last_year=last).between
        return found


def rules_of(workspace_id: int) -> Rules:
    calendars = BusinessCalendar.objects.filter(workspace=workspace_id)
    rules = AssetClass.objects.filter(workspace=workspace_id).order_by("position", "pk")
    return Rules(
        calendars={each.pk: each.hours for each in calendars},
        classify=classifier([(each.pattern, each.name) for each in rules]),
    )


def classifier(rules: Sequence[tuple[str, str]]) -> Callable[[str], str]:
    """Return `classify(asset)`: the name of the first rule whose pattern fits; "" for none."""
    read = [(re.compile(fnmatch.translate(pattern.casefold()), re.DOTALL), name) for pattern, name in rules]
    known: dict[str, str] = {}

    def classify(asset: str) -> str:
        if asset not in known:
            text = asset.casefold()
            known[asset] = next((name for pattern, name in read if pattern.match(text)), "")
        return known[asset]

    return classify


def rows_of(order: Order, calls: Sequence[CallFact], *, asset_class: str, elapsed: ByCalendar) -> list[MeasuredJob]:
    """Return a row by each calendar that is given."""
    job = Job(str(order.pk), order.opened_at, order.resolved_at, order.priority, calls)
    fixed = {
        "work_order_id": order.pk,
        "workspace_id": order.workspace_id,
        "counted_at": order.resolved_at or order.opened_at or order.created_at,
        "opened_at": order.opened_at,
        "resolved_at": order.resolved_at,
        "priority": order.priority,
        "site": order.site,
        "asset_class": asset_class,
    }
    return [_row(measure(job, elapsed=each), fixed | {"calendar_id": pk}) for pk, each in elapsed.items()]


def _row(found: Measured | LeftOut, fixed: dict[str, Any]) -> MeasuredJob:
    if isinstance(found, LeftOut):
        return MeasuredJob(left_out=found.name, **fixed)
    seconds = found.time_to_resolution.total_seconds()
    return MeasuredJob(
        with_call=found.with_call,
        seconds=seconds,
        bucket=bucket_of(seconds),
        calls=found.calls,
        call_seconds=found.in_calls.total_seconds(),
        first_call_at=found.first_call_at,
        last_call_at=found.last_call_at,
        **fixed,
    )


def call_fact(*, started_at: datetime, connected: bool, seconds: float) -> CallFact:
    """Return a kept call as the pure figures take it."""
    return CallFact(started_at, timedelta(seconds=seconds), started_at if connected else None)
