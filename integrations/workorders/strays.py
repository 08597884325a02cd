"""Files that no row names: what a crash between writing a photo and committing its row leaves behind."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.core.files.storage import default_storage

from integrations.core import clock
from integrations.core.work import Claim
from integrations.workorders.models import Photo
from integrations.workorders.photos import FULL, SMALL

EVERY = timedelta(days=1)
# Longer than any photo takes from its file to the commit of its row, wherever the midnight falls.
YOUNGEST = timedelta(days=2)


def delete_strays(claim: Claim) -> str:
    """Delete the files of past days that no photo names; return how many."""
    gone = 0
    for folder in (FULL, SMALL):
        for day in _days(folder):
            claim.renew(now=clock.now())
            gone += _clear(folder, day)
    return f"{gone} files deleted." if gone else "There was none."


def _days(folder: str) -> Iterator[date]:
    """Yield the days that have a folder, the oldest first, as far as they are over for long enough."""
    if not default_storage.exists(folder):
        return
    last = (clock.now() - YOUNGEST).astimezone(UTC).date()
    for name in sorted(default_storage.listdir(folder)[0]):
        try:
            day = date.fromisoformat(name)
        except ValueError:  # not a folder of ours
            continue
        if day < last:
            yield day


def _clear(folder: str, day: date) -> int:
    found = {f"{folder}/{day}/{name}" for name in default_storage.listdir(f"{folder}/{day}")[1]}
    strays = found - _named(day)
    for name in sorted(strays):
        default_storage.delete(name)
    return len(strays)


def _named(day: date) -> set[str]:
    """Return the files of the photos of a day: a photo's folder is the day of its `created_at`, in UTC."""
    start = datetime.combine(day, time.min, tzinfo=UTC)
    photos = Photo.objects.filter(created_at__gte=start, created_at__lt=start + timedelta(days=1))
    return {name for pair in photos.values_list("file", "thumbnail") for name in pair}
