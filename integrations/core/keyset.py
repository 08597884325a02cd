"""Going through rows by the key of the last one: stable while rows come and go, and no slower on the last page."""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


def after(rows: QuerySet[Row], *, name: str, value: Any, pk: int, descending: bool = False) -> QuerySet[Row]:
    """Return the rows beyond one, in the order of the field `name`, and of the primary key where that is equal.

    Written so that an index on the field alone serves it. The caller orders by (name, pk).
    """
    sign = "lt" if descending else "gt"
    beyond = Q(**{f"pk__{sign}": pk})
    if name in ("pk", "id"):
        return rows.filter(beyond)
    return rows.filter(Q(**{f"{name}__{sign}e": value}) & (Q(**{f"{name}__{sign}": value}) | beyond))
