"""The calls of work orders, kept here as facts: what retention deletes later has still been counted."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from integrations.analytics.measuring import call_fact
from integrations.analytics.models import CallFact
from integrations.analytics.resolution import CallFact as PureCall
from integrations.workorders.calls import sources

LONGEST = 10 * 365 * 86_400.0  # seconds; what says more is no length of a call
COLUMNS = ("pk", "subject", "started_at", "connected_at", "seconds")
CHANGING = ("work_order", "started_at", "connected", "seconds")


def calls_of(orders: Collection[int]) -> dict[int, list[PureCall]]:
    """Take over what calls of these orders are like now; return all that were ever theirs, by order."""
    known = {(fact.source_type, fact.source_id): fact for fact in CallFact.objects.filter(work_order__in=orders)}
    told = list(_told(orders))
    missing = _gone_elsewhere(known, told)
    CallFact.objects.filter(pk__in=[known.pop(key).pk for key in missing]).delete()
    changed = [fact for fact in told if not _same(known.get((fact.source_type, fact.source_id)), fact)]
    CallFact.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["source_type", "source_id"], update_fields=CHANGING
    )
    known |= {(fact.source_type, fact.source_id): fact for fact in told}
    found: dict[int, list[PureCall]] = defaultdict(list)
    for fact in known.values():
        pure = call_fact(started_at=fact.started_at, connected=fact.connected, seconds=fact.seconds)
        found[fact.work_order_id].append(pure)
    return found


def orders_of(named: Iterable[tuple[str, str]]) -> set[int]:
    """Return the orders that calls (source type, id) were last counted for: they may have lost them."""
    found: set[int] = set()
    by_type: dict[str, list[str]] = defaultdict(list)
    for source_type, source_id in named:
        by_type[source_type].append(source_id)
    for source_type, ids in by_type.items():
        rows = CallFact.objects.filter(source_type=source_type, source_id__in=ids)
        found |= set(rows.values_list("work_order_id", flat=True))
    return found


def _told(orders: Collection[int]) -> Iterable[CallFact]:
    """Yield the calls that the platforms have for these orders now; one that never started cannot be placed."""
    subjects = [f"workorder/{pk}" for pk in orders]
    for source_type, rows in sources().items():
        for pk, subject, started_at, connected_at, seconds in rows().filter(subject__in=subjects).values_list(*COLUMNS):
            if at := started_at or connected_at:
                took = _seconds(seconds)
                yield CallFact(
                    work_order_id=int(subject.partition("/")[2]),
                    source_type=source_type,
                    source_id=str(pk),
                    started_at=at,
                    connected=connected_at is not None or took > 0,
                    seconds=took,
                )


def _seconds(value: float | None) -> float:
    return min(value, LONGEST) if value is not None and math.isfinite(value) and value > 0 else 0.0


def _gone_elsewhere(known: dict[tuple[str, str], CallFact], told: list[CallFact]) -> list[tuple[str, str]]:
    """Return known calls that are still there, and no longer of these orders."""
    left = set(known) - {(fact.source_type, fact.source_id) for fact in told}
    there: list[tuple[str, str]] = []
    for source_type, rows in sources().items():
        ids = [int(each) for kind, each in left if kind == source_type and each.isdecimal()]
        if ids:
            there += [(source_type, str(pk)) for pk in rows().filter(pk__in=ids).values_list("pk", flat=True)]
    return there


def _same(one: CallFact | None, other: CallFact) -> bool:
    names: tuple[Any, ...] = ("work_order_id", "started_at", "connected", "seconds")
    return one is not None and all(getattr(one, name) == getattr(other, name) for name in names)
