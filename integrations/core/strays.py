"""Files that no row names: what a crash between writing a file and committing its row leaves behind.

Files that are kept lie in a folder for each day (UTC), so the days that are over are looked through one by one.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, timedelta

from integrations.core import clock, files
from integrations.core.work import Claim

EVERY = timedelta(days=1)
# Longer than any file waits for the commit of its row, wherever the midnight falls.
YOUNGEST = timedelta(days=2)

Named = Callable[[date, list[str]], Iterable[str]]


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
