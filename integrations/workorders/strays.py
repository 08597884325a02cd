"""Files that no photo names."""

from datetime import UTC, date, datetime, time, timedelta

from integrations.core.strays import sweep
from integrations.core.work import Claim
from integrations.workorders.models import Photo
from integrations.workorders.photos import FULL, SMALL


def delete_strays(claim: Claim) -> str:
    """Delete the files of past days that no photo names; return how many."""
    gone = sum(sweep(folder, _named, claim=claim) for folder in (FULL, SMALL))
    return f"{gone} files deleted." if gone else "There was none."


def _named(day: date, _names: list[str]) -> set[str]:
    """Return the files of the photos of a day: a photo's folder is the day of its `created_at`, in UTC."""
    start = datetime.combine(day, time.min, tzinfo=UTC)
    photos = Photo.objects.filter(created_at__gte=start, created_at__lt=start + timedelta(days=1))
    return {name for pair in photos.values_list("file", "thumbnail") for name in pair}
