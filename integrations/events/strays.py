"""Files that no picture names."""

from datetime import UTC, date, datetime, time, timedelta

from integrations.core.strays import sweep
from integrations.core.work import Claim
from integrations.events.jobs import FOLDER
from integrations.events.models import Picture


def delete_strays(claim: Claim) -> str:
    """Delete the files of past days that no picture names; return how many."""
    gone = sweep(FOLDER, _named, claim=claim)
    return f"{gone} files deleted." if gone else "There was none."


def _named(day: date, _names: list[str]) -> set[str]:
    """Return the files of the pictures of a day: the folder is the day of `stored_at`, in UTC."""
    start = datetime.combine(day, time.min, tzinfo=UTC)
    stored = Picture.objects.filter(stored_at__gte=start, stored_at__lt=start + timedelta(days=1)).exclude(file="")
    return set(stored.values_list("file", flat=True))
