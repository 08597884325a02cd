"""Their words into ours: times, numbers, external data, keys, content. Pure."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

# File links are made anew at each query and expire: they are neither content nor evidence (vendor sheet 4.4).
VOLATILE = frozenset({"fileUrl", "fileURL", "fileURLExpiresAt", "fileDownloadCount", "pageInfo"})
LARGEST_INT = 2**31 - 1


def time_of(value: object) -> datetime | None:
    """Return an ISO 8601 time as aware UTC; without an offset it is read as UTC, as the vendor writes it."""
    if not isinstance(value, str) or not value:
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def text_of(value: object, *, most: int = 300) -> str:
    """Return a scalar as text, cut to a column's width; anything else is no text."""
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return str(value)[:most]


def number_of(value: object) -> float | None:
    """Return a finite number; numbers written as text count too."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def count_of(value: object) -> int | None:
    number = number_of(value)
    return int(number) if number is not None and 0 <= number <= LARGEST_INT else None


def json_if_text(value: Any) -> Any:
    """Return what a JSON text holds, and other values as they are: `eventData` comes in both forms (E20)."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def external_data_of(document: Mapping[str, Any]) -> dict[str, Any]:
    data = json_if_text(document.get("externalData"))
    return data if isinstance(data, dict) else {}


def node_list(connection: Any) -> list[dict[str, Any]]:
    """Return the nodes of a connection, in whichever of its forms; what is no object is left out."""
    if isinstance(connection, list):
        nodes: Any = connection
    elif isinstance(connection, dict):
        nodes = connection.get("nodes") or []
    else:
        nodes = []
    return [node for node in nodes if isinstance(node, dict)]


def inner(document: Any, *path: str) -> Any:
    """Return what lies at a path of objects; None as soon as one is missing."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def seconds_of(
    duration: object, *, unit: float | None, started_at: datetime | None, ended_at: datetime | None
) -> float | None:
    """Return how long something took: by the calibrated unit (seconds per vendor unit), else from its ends (E21)."""
    number = number_of(duration)
    if unit is not None and number is not None:
        return number * unit
    if started_at is None or ended_at is None:
        return None
    return max(0.0, (ended_at - started_at).total_seconds())


def content_of(document: Any) -> Any:
    """Return a document without what changes at each reading."""
    if isinstance(document, dict):
        return {name: content_of(value) for name, value in document.items() if name not in VOLATILE}
    if isinstance(document, list):
        return [content_of(value) for value in document]
    return document


def content_hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def unique(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def names_of(people: Iterator[Any] | Sequence[Any]) -> list[str]:
    """Return the names of users, each once, in order."""
    return unique([text_of(inner(person, "name")) or text_of(inner(person, "email")) for person in people])
