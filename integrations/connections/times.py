"""Times as other systems write them, to and from aware UTC times: pure functions.

A time without offset is in the connection's zone. Where the clocks go back and a time occurs twice, the first is meant;
where they go forward and it does not occur, it is read as if they had not.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

FORMATS = {
    "iso": "2026-03-01T12:00:00Z",
    "iso_offset": "2026-03-01T13:00:00+01:00",
    "iso_local": "2026-03-01T13:00:00",
    "date": "2026-03-01",
    "epoch": "1772366400",
    "epoch_ms": "1772366400000",
}
# Seconds up to the year 5138; what is bigger is in milliseconds.
_SECONDS_MAX = 100_000_000_000
_NUMBER = re.compile(r"[+-]?\d{1,16}(?:\.\d{1,9})?")
_ZONE_WORD = re.compile(r"\s*(?:UTC|GMT)$", re.IGNORECASE)
_FRACTION = re.compile(r"([.,]\d{1,6})\d*")


class NotATime(ValueError):
    """The value cannot be read as a time; the message shows its start."""


def format_problem(date_format: str) -> str:
    """Say what is wrong with a date format; empty if nothing is."""
    if date_format in FORMATS or re.search(r"%[YmdHMSfzZjyBbeIp]", date_format):
        return ""
    return f"“{date_format}” is not a date format: use {', '.join(FORMATS)} or a pattern such as %d/%m/%Y %H:%M."


def parse(value: object, *, zone: str = "UTC", date_format: str = "iso") -> datetime:
    """Return the UTC time of a text or number: in the connection's own pattern, ISO 8601, epoch, or RFC 5322.

    :raises NotATime:
    """
    try:
        found = _parsed(value, date_format=date_format)
        return _aware(found, ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, OSError) as error:
        raise NotATime(f"{str(value)[:60]!r} is not a time that can be read.") from error


def _parsed(value: object, *, date_format: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError(type(value).__name__)
    text = str(value).strip()
    if "%" in date_format:
        try:
            return datetime.strptime(text, date_format)
        except ValueError:
            pass  # systems write some fields in their own pattern and others in a standard one
    if _NUMBER.fullmatch(text) and len(text) != len("20260301"):
        return _from_epoch(float(text))
    return _from_text(text)


def _from_epoch(number: float) -> datetime:
    return datetime.fromtimestamp(number if abs(number) < _SECONDS_MAX else number / 1000, tz=UTC)


def _from_text(text: str) -> datetime:
    iso = _ZONE_WORD.sub("+00:00", _FRACTION.sub(r"\1", text, count=1))
    try:
        return datetime.fromisoformat(re.sub(r"\s+([+-]\d\d:?\d\d)$", r"\1", iso))
    except ValueError:
        return parsedate_to_datetime(text)


def _aware(found: datetime, zone: tzinfo) -> datetime:
    return found if found.tzinfo else found.replace(tzinfo=zone)


def format_time(at: datetime, *, date_format: str = "iso", zone: str = "UTC") -> str | int:
    """Write an aware time as the other system wants it; epoch formats are whole numbers."""
    local = at.astimezone(ZoneInfo(zone))
    write = _WRITERS.get(date_format)
    return write(local) if write else local.strftime(date_format)


def _iso(at: datetime) -> str:
    """To the millisecond, and only as exact as the time is."""
    return at.isoformat(timespec="milliseconds" if at.microsecond // 1000 else "seconds")


_WRITERS: dict[str, Callable[[datetime], str | int]] = {
    "iso": lambda at: _iso(at.astimezone(UTC)).replace("+00:00", "Z"),
    "iso_offset": _iso,
    "iso_local": lambda at: _iso(at.replace(tzinfo=None)),
    "date": lambda at: at.date().isoformat(),
    "epoch": lambda at: int(at.timestamp()),
    "epoch_ms": lambda at: round(at.timestamp() * 1000),
}
