"""The log of a workspace, read from a cursor on: what REST, GraphQL and websockets follow."""

from collections.abc import Collection, Iterator
from collections.abc import Sequence as Rows
from dataclasses import dataclass
from uuid import UUID

from integrations.events import cursors
from integrations.events.cursors import Cursor
from integrations.events.facts import facts_of
from integrations.events.filters import FilterIndex
from integrations.events.models import Event, Sequence
from integrations.events.selectors.subscriptions import subscriptions

LOOKED_AT, STEP = 5000, 500


class CursorExpired(Exception):
    """The log no longer holds, or never held, what follows the cursor; go on from `oldest`."""

    def __init__(self, oldest: str) -> None:
        super().__init__(
            "The log no longer holds what follows this cursor. Go on from the oldest one, and know of a gap."
        )
        self.oldest = oldest


@dataclass(frozen=True)
class Page:
    """Events in the order of their numbers. `next` is there even if there are none; `more`: the log goes on."""

    events: Rows[Event]
    next: str
    more: bool
    oldest: str


@dataclass(frozen=True)
class Log:
    """Where the log of a workspace begins and ends. Cursors point between events: `oldest` is before the first."""

    workspace_id: int
    epoch: str
    oldest: int
    last: int
    revision: str

    def cursor(self, seq: int) -> str:
        return str(Cursor(self.workspace_id, seq, self.epoch))

    def beyond(self, place: int) -> str:
        """Return the cursor to go on from where the event after a place is gone: before the next one there is."""
        rows = Event.objects.filter(workspace_id=self.workspace_id, seq__gt=place, seq__lte=self.last)
        first = rows.order_by("seq").values_list("seq", flat=True).first()
        return self.cursor(self.last if first is None else first - 1)

    def place(self, cursor: str) -> int:
        """Return the number a cursor stands behind. :raises cursors.CursorInvalid: :raises CursorExpired:"""
        found = cursors.read(cursor, workspace_id=self.workspace_id)
        if found.epoch != self.epoch or not self.oldest <= found.seq <= self.last:
            raise CursorExpired(self.cursor(self.oldest))
        return found.seq


def log_of(workspace_id: int) -> Log:
    """Return the state of the log; one row is made for a workspace that has none yet."""
    row = Sequence.objects.get_or_create(workspace_id=workspace_id)[0]
    rows = Event.objects.numbered().filter(workspace_id=workspace_id, seq__lte=row.last)
    first = rows.order_by("seq").values_list("seq", flat=True).first()
    oldest = row.last if first is None else first - 1
    return Log(workspace_id, epoch=row.epoch, oldest=oldest, last=row.last, revision=row.revision)


def after(workspace_id: int, seq: int, *, limit: int) -> list[Event]:
    """Return the events whose numbers follow without a hole, withheld ones too, so that the reader's place moves on.

    Empty, although the log goes on: the next one is gone. What is behind a hole is never given as if it came next.
    """
    rows = Event.objects.filter(workspace_id=workspace_id, seq__gt=seq).order_by("seq")[:limit]
    return [event for place, event in enumerate(rows, seq + 1) if event.seq == place]


def feed(
    workspace_id: int,
    *,
    after_cursor: str = "",
    limit: int = 500,
    endpoint_id: UUID | str | None = None,
    types: Collection[str] = (),
) -> Page:
    """Return the events that follow a cursor, as an endpoint would get them now, or all that are passed on.

    Without a cursor: from the oldest on. `types`: only these recognition events. At most 5,000 rows
    are looked at, so a page may be short, or empty, and go on.
    :raises cursors.CursorInvalid: :raises CursorExpired:
    """
    log = log_of(workspace_id)
    place = log.place(after_cursor) if after_cursor else log.oldest
    index = subscriptions(workspace_id, revision=log.revision).index if endpoint_id else None
    found: list[Event] = []
    for event in _following(log, place):
        place = event.seq or place
        shown = not types or (event.is_recognition and event.type in types)
        if shown and not event.withheld and _goes_to(event, str(endpoint_id), index):
            found.append(event)
        if len(found) == limit:
            break
    return Page(found, next=log.cursor(place), more=place < log.last, oldest=log.cursor(log.oldest))


def _following(log: Log, place: int) -> Iterator[Event]:
    """Yield events of the log, one number after the other, up to a hole.

    :raises CursorExpired: if the hole follows at once; whoever got what is before it is told so when he goes on
    """
    begun, ends = place, min(log.last, place + LOOKED_AT)
    while place < ends:
        rows = after(log.workspace_id, place, limit=min(STEP, ends - place))
        if not rows and place > begun:
            return
        if not rows:
            raise CursorExpired(log_of(log.workspace_id).beyond(place))
        yield from rows
        place += len(rows)


def _goes_to(event: Event, endpoint_id: str, index: FilterIndex | None) -> bool:
    return index is None or endpoint_id in index.endpoints(facts_of(event))
