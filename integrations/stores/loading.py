"""Loading into a store, portion by portion: rows, then how far it came; a worker that dies does one portion again."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from integrations.core import analyst_tables, clock
from integrations.core.analyst_tables import Family
from integrations.core.asked import was_stopped
from integrations.core.errors import FieldportError, OutboundOff, TransientError
from integrations.core.ids import correlated
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState, lease
from integrations.stores import reading
from integrations.stores.destinations import Sink, sink_of
from integrations.stores.models import Mode, StoreLoad, StorePosition
from integrations.stores.reading import Bounds, Portion

logger = logging.getLogger(__name__)

TASK = "stores.load"
BUDGET_SECONDS = 30.0
NOTHING = "Nothing was new. What was written in the last two minutes comes with the next load."
PAUSED_FOR, TRIED_FOR = timedelta(seconds=30), timedelta(hours=24)
# What an object's facts are about happened at its: a period is a period of these.
HAPPENED = ("started_at", "taken_at", "opened_at", "occurred_at")


def run(claim: Claim) -> None:
    """Load portions until all are there, someone stops it, or the time for one run is up."""
    load: StoreLoad = claim.row
    with correlated(load.correlation_id):
        try:
            _load(claim)
        except Exception as error:  # the edge of a job: one store must not stop the others
            _not_loaded(claim, error)


def _load(claim: Claim) -> None:
    load: StoreLoad = claim.row
    sink, ends = sink_of(load.store), time.monotonic() + BUDGET_SECONDS
    if load.total is None:
        _note_total(claim)
    for family in analyst_tables.families():
        while portion := reading.portion(family, bounds_of(load, family)):
            if was_stopped(claim):
                return
            _put(claim, sink, family, portion)
            if time.monotonic() > ends:
                StoreLoad.objects.put_back(claim, due_at=clock.now(), note="")
                wake(TASK)
                return
    load.refresh_from_db()
    told = ", ".join(f"{count} {name}" for name, count in load.counts.items() if count)
    StoreLoad.objects.finish(claim, state=WorkState.DONE, note=f"Loaded {told}." if told else NOTHING)


def bounds_of(load: StoreLoad, family: Family) -> Bounds:
    """Return what is left to load of a family."""
    if load.mode == Mode.PERIOD:
        names = [column.name for column in family.tables[0].columns]
        by = next(name for name in HAPPENED if name in names)
        reached = load.positions.get(family.name)
        start = (datetime.fromisoformat(reached[0]), int(reached[1])) if reached else None
        return Bounds(by, start, load.since, load.until)
    position = StorePosition.objects.filter(store=load.store_id, family=family.name).first()
    if position is None or position.reached_at is None or position.columns != reading.columns_mark(family):
        return Bounds(family.changed, None, None, load.until_row)
    return Bounds(family.changed, (position.reached_at, position.reached_id), None, load.until_row)


def _note_total(claim: Claim) -> None:
    load: StoreLoad = claim.row
    load.total = sum(reading.count(family, bounds_of(load, family)) for family in analyst_tables.families())
    StoreLoad.objects.held(claim).update(total=load.total)


def _put(claim: Claim, sink: Sink, family: Family, portion: Portion) -> None:
    claim.renew(now=clock.now())
    began = time.monotonic()
    with _held(claim):
        sink.load(family, portion)
    _note(claim, family, portion, seconds=time.monotonic() - began)


@contextmanager
def _held(claim: Claim) -> Iterator[None]:
    """Renew the lease while a driver is at work, which takes as long as the store takes."""
    over = threading.Event()

    def renewing() -> None:
        while not over.wait(lease().total_seconds() / 3):
            try:
                claim.renew(now=clock.now())
            except (LeaseLost, OperationalError, InterfaceError):
                break
        connection.close()

    thread = threading.Thread(target=renewing, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@transaction.atomic
def _note(claim: Claim, family: Family, portion: Portion, *, seconds: float) -> None:
    """Save how far it came, together. :raises LeaseLost: if someone else goes on"""
    load: StoreLoad = claim.row
    reached_at, reached_id = portion.last
    for name, count in portion.counts.items():
        load.counts[name] = load.counts.get(name, 0) + count
    load.positions[family.name] = [reached_at.isoformat(), reached_id]
    added = {"loaded": portion.objects, "rows": sum(portion.counts.values()), "seconds": seconds}
    values: dict[str, Any] = {name: F(name) + value for name, value in added.items()}
    values |= {"counts": load.counts, "positions": load.positions, "attempts": 1, "retry_since": None, "note": ""}
    if not StoreLoad.objects.held(claim).update(**values):
        raise LeaseLost
    if load.mode == Mode.NEWS:
        reached = {"reached_at": reached_at, "reached_id": reached_id, "columns": reading.columns_mark(family)}
        StorePosition.objects.update_or_create(store_id=load.store_id, family=family.name, defaults=reached)


def _not_loaded(claim: Claim, error: Exception) -> None:
    now, rows = clock.now(), StoreLoad.objects.all()
    if isinstance(error, LeaseLost | OperationalError | InterfaceError):
        raise error
    if isinstance(error, OutboundOff):
        rows.put_back(claim, due_at=now + PAUSED_FOR, note=str(error))
    elif isinstance(error, TransientError) and not _tried_for_long(claim, now=now):
        due_at = next_try(now=now, attempts=claim.row.attempts, retry_after=error.retry_after)
        rows.retry(claim, due_at=due_at, note=str(error))
    else:
        if not isinstance(error, FieldportError):
            logger.error("load %s failed", claim.pk, exc_info=error)
        rows.finish(claim, state=WorkState.FAILED, note=f"{error} “Go on” tries again where it stopped.")


def _tried_for_long(claim: Claim, *, now: datetime) -> bool:
    return expired(since=claim.row.retry_since, now=now, longest=TRIED_FOR)
