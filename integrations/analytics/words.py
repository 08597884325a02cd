"""Figures as people read them: hours and minutes, ratios, per cent."""

from datetime import timedelta

MINUS, NOTHING = "\N{MINUS SIGN}", "–"
LONG = 100  # hours from which minutes say nothing


def span(took: timedelta | None) -> str:
    """Return a time in hours and minutes, never in days: a day of business hours is not one of the clock."""
    if took is None:
        return NOTHING
    seconds = abs(took.total_seconds())
    sign = MINUS if took < timedelta() and seconds >= 0.5 else ""
    if seconds < 60:
        return f"{sign}{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours >= LONG:
        return f"{sign}{round(seconds / 3600):,} h"
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return sign + " ".join(part for part in parts if part)


def ratio(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"


def share(value: float | None) -> str:
    return NOTHING if value is None else f"{value * 100:.0f} %"


def hours(took: timedelta | None) -> float | None:
    """Return a time in hours for programs, to the second."""
    return None if took is None else round(took.total_seconds() / 3600, 4)
