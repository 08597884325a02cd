"""What a work order is told with: the fields, their types, and how to read them from another system's JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.connections import times

TEXT_FIELDS = {"title": 300, "asset": 200, "site": 200, "status": 100, "assignee": 200, "priority": 60}
TIME_FIELDS = ("opened_at", "resolved_at")
FIELDS = (*TEXT_FIELDS, *TIME_FIELDS, "closed")

YES = frozenset({"true", "yes", "1", "closed"})
NO = frozenset({"false", "no", "0", "open", ""})


class InvalidFields(ValueError):
    """Values that cannot be taken, each named with a sentence."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)


def read_values(raw: Mapping[str, Any], *, zone: str = "UTC", date_format: str = "iso") -> dict[str, Any]:
    """Turn JSON values into those of a work order; times without offset are in `zone`.

    :raises InvalidFields: naming every field that cannot be taken
    """
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, value in raw.items():
        try:
            values[name] = _read(name, value, zone=zone, date_format=date_format)
        except ValueError as error:
            faults[name] = str(error)
    if faults:
        raise InvalidFields(faults)
    return values


def _read(name: str, value: Any, *, zone: str, date_format: str) -> Any:
    if name in TIME_FIELDS:
        return read_time(value, zone=zone, date_format=date_format)
    if name == "closed":
        return read_yes_or_no(value)
    if name in TEXT_FIELDS:
        return read_text(value, longest=TEXT_FIELDS[name])
    raise ValueError(f"A work order has no such field; it has {', '.join(FIELDS)}.")


def read_text(value: Any, *, longest: int) -> str:
    """Return a text or a number as text, null as empty. :raises ValueError:"""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"A text or a number was expected, not {_kind(value)}.")
    text = str(value).strip()
    if len(text) > longest:
        raise ValueError(f"It has {len(text)} characters; at most {longest} can be kept.")
    if text != keepable(text):
        raise ValueError("It holds characters that cannot be kept (NUL, or half of a surrogate pair).")
    return text


def read_time(value: Any, *, zone: str = "UTC", date_format: str = "iso") -> datetime | None:
    """Return a time in UTC; None for null or an empty text. :raises ValueError:"""
    if value is None or value == "":
        return None
    return times.parse(value, zone=zone, date_format=date_format)


def read_yes_or_no(value: Any) -> bool:
    """Return a yes or no, however the other system writes it. :raises ValueError:"""
    word = "" if value is None else str(value).strip().lower()
    if word in YES | NO and not isinstance(value, list | dict):
        return word in YES
    raise ValueError(f"Yes or no was expected (true, false), not {str(value)[:40]!r}.")


def keepable(text: str) -> str:
    """Return text without what no database keeps: PostgreSQL refuses NUL, and half a surrogate pair has no UTF-8."""
    return text.replace("\x00", "\ufffd").encode("utf-8", errors="replace").decode("utf-8").strip()


def _kind(value: Any) -> str:
    return {bool: "true or false", list: "a list", dict: "an object"}.get(type(value), "something else")
