"""Measuring: what changed, and, after a change of the rules, everything; one batch in one transaction."""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.db import transaction

from integrations.analytics import tally
from integrations.analytics.calls import calls_of, orders_of
from integrations.analytics.measuring import Order, rows_of, rules_of
from integrations.analytics.models import JobWord, MeasuredJob, Recount, StaleJob
from integrations.core import clock
from integrations.workorders.models import WorkOrder

BATCH = 1_000
WORDS = {"priority": "priority", "site": "site", "asset_class": "asset_class"}


def recount(why: str, *, now: datetime) -> None:
    """Have every job measured anew, from the first on; a count that is on its way begins again."""
    last = WorkOrder.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    values = {"after": 0, "until": last, "why": why[:200], "started_at": now, "finished_at": None}
    Recount.objects.update_or_create(pk=1, defaults=values)


@transaction.atomic
def measure_some(*, size: int = BATCH) -> int:
    """Measure the next batch: what changed first, then what a recount has left. Return how many; 0: all is done.

    A batch is all or nothing, and the lock of the one row of `Recount` lets nobody else measure meanwhile, so an older
    reading never replaces a newer one.
    """
    if not Recount.objects.filter(pk=1).exists():  # nothing was ever measured here
        recount("for the first time", now=clock.now())
    state = Recount.objects.select_for_update().get(pk=1)
    stale = list(StaleJob.objects.order_by("pk")[:size])
    tally.fold()
    if stale:
        measure(_named(stale))
        return StaleJob.objects.filter(pk__in=[each.pk for each in stale]).delete()[0]
    return _go_on(state, size=size) if state.running else 0


def _named(stale: Iterable[StaleJob]) -> set[int]:
    calls = {(each.source_type, each.source_id) for each in stale if each.source_id}
    return {each.work_order for each in stale} | orders_of(calls)


def _go_on(state: Recount, *, size: int) -> int:
    orders = WorkOrder.objects.filter(pk__gt=state.after, pk__lte=state.until).order_by("pk")
    pks = list(orders.values_list("pk", flat=True)[:size])
    measure(pks)
    state.after = pks[-1] if len(pks) == size else state.until
    if not state.running:
        tally.rebuild()
        state.finished_at = clock.now()
    state.save(update_fields=["after", "finished_at"])
    return max(len(pks), 1)


def measure(pks: Collection[int]) -> None:
    """Replace what was measured of these orders, in the caller's transaction; of orders that are gone it goes."""
    columns = ("pk", "workspace_id", "opened_at", "resolved_at", "created_at", "priority", "site", "asset")
    found = WorkOrder.objects.filter(pk__in=pks).order_by("workspace_id", "pk").values_list(*columns)
    orders = [Order(*each) for each in found]
    calls = calls_of([order.pk for order in orders])
    rows: list[MeasuredJob] = []
    for workspace_id, group in groupby(orders, attrgetter("workspace_id")):
        batch, rules = list(group), rules_of(workspace_id)
        elapsed = rules.elapsed({year for order in batch for year in order.years})
        for order in batch:
            kind = rules.classify(order.asset)
            rows += rows_of(order, calls.get(order.pk, ()), asset_class=kind, elapsed=elapsed)
    old = MeasuredJob.objects.filter(work_order__in=pks)
    tally.note(old.only("pk", "counted_at", "seconds", *(name for name in tally.GROUP if name != "month")), rows)
    old.delete()
    MeasuredJob.objects.bulk_create(rows, batch_size=BATCH)
    _keep_words(rows)


def _keep_words(rows: Iterable[MeasuredJob]) -> None:
    words = {(row.workspace_id, kind, word) for row in rows for kind in WORDS if (word := getattr(row, kind))}
    made = [JobWord(workspace_id=space, kind=kind, word=word) for space, kind, word in sorted(words)]
    JobWord.objects.bulk_create(made, ignore_conflicts=True)
