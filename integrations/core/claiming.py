"""Claiming due rows in one statement: take the longest due ones that nobody holds, and return them.

A row whose worker died may be what killed it: it is taken alone, so that it takes no other with it, and behind the
others that are due; but where others never end, for a minute at most.

The rows are locked in the sub-select itself (`FOR UPDATE SKIP LOCKED`), so no row is judged by an old copy after a lock
wait, which is what makes a join in a claim unsafe; and workers do not try for the same row. SQLite has one writer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from integrations.core.statements import columns_of, made_of

if TYPE_CHECKING:
    from integrations.core.work import Work

# Each condition repeats the one of the partial index: SQLite uses it only then.
DIED = "state IN ('DUE', 'RUNNING') AND state = 'RUNNING' AND due_at <= %s AND deaths < %s{only}"
OVERDUE = DIED + " ORDER BY due_at LIMIT 1"
FRESH = """state IN ('DUE', 'RUNNING') AND state = 'DUE' AND due_at <= %s{only}
AND NOT EXISTS (SELECT 1 FROM overdue) ORDER BY due_at LIMIT %s"""
LAST = DIED + " AND NOT EXISTS (SELECT 1 FROM overdue UNION ALL SELECT 1 FROM fresh) ORDER BY due_at LIMIT 1"  # noqa: S608
TAKEN = """state = 'RUNNING', due_at = %s, claim_token = %s, attempts = attempts + 1,
deaths = deaths + CASE WHEN state = 'RUNNING' THEN 1 ELSE 0 END"""

BEHIND = timedelta(minutes=1)  # that a row whose worker died lets the others go first


@lru_cache(maxsize=64)
def _statement(model: "type[Work]", vendor: str, only: str = "") -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(map(connection.ops.quote_name, columns_of(model)))
    lock = " FOR UPDATE SKIP LOCKED" if vendor == "postgresql" else ""
    parts = {"overdue": OVERDUE, "fresh": FRESH, "last": LAST}
    narrowed = f" AND ({only})" if only else ""
    # MATERIALIZED: each sub-select runs once, where a second run might take other rows.
    found = ", ".join(
        f"{name} AS MATERIALIZED (SELECT id FROM {table} WHERE {where.format(only=narrowed)}{lock})"  # noqa: S608
        for name, where in parts.items()
    )
    chosen = " UNION ALL ".join(f"SELECT id FROM {name}" for name in parts)  # noqa: S608  names of ours only
    chosen = f"= ANY (ARRAY({chosen}))" if vendor == "postgresql" else f"IN ({chosen})"
    return f"WITH {found} UPDATE {table} SET {TAKEN} WHERE id {chosen} RETURNING {columns}"  # noqa: S608


def take(
    model: "type[Work]",
    *,
    token: UUID,
    now: datetime,
    lease: timedelta,
    most_deaths: int,
    limit: int,
    only: str = "",
) -> Sequence[Any]:
    """Claim up to `limit` rows, or one whose worker died; return them as they are now, in no order.

    `only`: a condition in SQL on the row's own columns that narrows what is taken.
    """
    time = connection.ops.adapt_datetimefield_value
    held = token if connection.features.has_native_uuid_field else token.hex
    died = time(now), most_deaths
    values = (time(now - BEHIND), most_deaths, time(now), limit, *died, time(now + lease), held)
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, connection.vendor, only), values)
        return made_of(model, cursor.fetchall())
