"""Which objects of the CMS a walk over its lists means: the lists are ordered by start, the newest first. Pure.

No "changed since" filter is documented, so a walk goes back to its watermark and a while further (vendor sheet 5c).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from integrations.platforms.worklink.mapping import time_of
from integrations.platforms.worklink.models import SessionType

OVERLAP = timedelta(days=7)
OVERLAP_PERSISTENT = timedelta(days=60)
Node = Mapping[str, Any]


@dataclass(frozen=True)
class Window:
    """Starts from `since` (persistent sessions: `since_persistent`) until before `until`; None: no bound."""

    since: datetime | None
    since_persistent: datetime | None
    until: datetime | None = None

    def holds(self, node: Node) -> bool:
        at = time_of(node.get("startedAt"))
        if at is None:
            return self.until is None
        since = self.since_persistent if node.get("sessionType") == SessionType.PERSISTENT else self.since
        return (since is None or at >= since) and (self.until is None or at < self.until)

    def is_past(self, nodes: Sequence[Node], *, ordered: bool) -> bool:
        """Say whether a page ends before the window."""
        at = time_of(nodes[-1].get("startedAt")) if ordered and nodes else None
        return at is not None and None not in (self.since, self.since_persistent) and at < self.earliest

    def is_ahead(self, nodes: Sequence[Node], *, ordered: bool) -> bool:
        """Say whether a page lies after the window as a whole, and so may the next."""
        at = time_of(nodes[-1].get("startedAt")) if ordered and nodes else None
        return at is not None and self.until is not None and at >= self.until

    @property
    def earliest(self) -> datetime:
        return min(at for at in (self.since, self.since_persistent) if at is not None)


def back_from(watermark: datetime, *, persistent: timedelta = OVERLAP_PERSISTENT) -> Window:
    """Return the window of a walk that follows one that began at `watermark`."""
    return Window(since=watermark - OVERLAP, since_persistent=watermark - persistent)
