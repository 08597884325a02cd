"""Files that no row names: what a crash between writing a file and committing its row leaves behind."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

from integrations.core import clock, files
from integrations.core.work import Claim
from integrations.workorders.models import Photo
from integrations.workorders.photos import FULL, SMALL

EVERY = timedelta(days=1)
# Longer than any photo takes from its file to the commit of its row, wherever the midnight falls.
YOUNGEST = timedelta(days=2)

Named = Callable[[date, list[str]], Iterable[str]]


def delete_strays(claim: Claim) -> str:
    """Delete the files of past days that no photo names; return how many."""
    gone = sum(sweep(folder, _named, claim=claim) for folder in (FULL, SMALL))
    return f"{gone} files deleted." if gone else "There was none."


def sweep(folder: str, named: Named, *, claim: Claim) -> int:
    """Delete the files of a folder's past days, save those that `named(day, names)` gives. :raises StorageFailed:"""
    gone = 0
    for day in files.days(folder, before=(clock.now() - YOUNGEST).astimezone(UTC).date()):
        claim.renew(now=clock.now())
        found = files.names(f"{folder}/{day}")
        strays = sorted(set(found) - set(named(day, found)))
        for name in strays:
            files.delete(name)
        gone += len(strays)
    return gone


def _named(day: date, _names: list[str]) -> set[str]:
    """Return the files of the photos of a day: a photo's folder is the day of its `created_at`, in UTC."""
    start = datetime.combine(day, time.min, tzinfo=UTC)
    photos = Photo.objects.filter(created_at__gte=start, created_at__lt=start + timedelta(days=1))
    return {name for pair in photos.values_list("file", "thumbnail") for name in pair}
