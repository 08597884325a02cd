"""Where calls of a work order are kept: each platform that has them registers its rows, for whoever counts them."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

# Rows with `pk`, `subject`, `started_at`, `connected_at` (null where nobody answered or it is not told) and `seconds`.
Rows = Callable[[], QuerySet[Any]]

_sources: dict[str, Rows] = {}


def register(source_type: str, rows: Rows) -> None:
    """Let `rows()` be the calls whose events come with this source type, from `AppConfig.ready()`."""
    _sources[source_type] = rows


def sources() -> dict[str, Rows]:
    return dict(_sources)
