"""Claiming due rows in one statement: take the longest due ones that nobody holds, and return them.

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

DUE = "state IN ('DUE', 'RUNNING') AND due_at <= %s AND deaths < %s"
TAKEN = """state = 'RUNNING', due_at = %s, claim_token = %s, attempts = attempts + 1,
deaths = deaths + CASE WHEN state = 'RUNNING' THEN 1 ELSE 0 END"""


@lru_cache(maxsize=64)
def _statement(model: "type[Work]", vendor: str) -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(map(connection.ops.quote_name, columns_of(model)))
    longest_due = f"SELECT id FROM {table} WHERE {DUE} ORDER BY due_at LIMIT %s"  # noqa: S608  names of ours only
    # ARRAY: the sub-select runs once, where IN may run it again and take more than its limit.
    chosen = f"= ANY (ARRAY({longest_due} FOR UPDATE SKIP LOCKED))" if vendor == "postgresql" else f"IN ({longest_due})"
    return f"UPDATE {table} SET {TAKEN} WHERE id {chosen} RETURNING {columns}"  # noqa: S608


def take(
    model: "type[Work]", *, token: UUID, now: datetime, lease: timedelta, most_deaths: int, limit: int
) -> Sequence[Any]:
    """Claim up to `limit` rows under one token; return them as they are now, the longest due first no more."""
    time = connection.ops.adapt_datetimefield_value
    held = token if connection.features.has_native_uuid_field else token.hex
    values = (time(now + lease), held, time(now), most_deaths, limit)
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, connection.vendor), values)
        return made_of(model, cursor.fetchall())
