"""The log of a workspace as frames: read in a thread, from a place on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from integrations.events.cursors import Cursor
from integrations.events.facts import facts_of
from integrations.events.models import Event
from integrations.events.models import Sequence as Counter
from integrations.events.omni_wire import Wire
from integrations.events.selectors.feed import after
from integrations.events.selectors.subscriptions import subscriptions

BATCH = 100


@dataclass
class Frame:
    """One event as sockets get it. Its text is made once, when the first of them wants it."""

    event: Event
    endpoints: frozenset[str]
    wire: Wire
    epoch: str

    @property
    def seq(self) -> int:
        return self.event.seq or 0

    @cached_property
    def text(self) -> str:
        return self.wire.body(self.event)

    @cached_property
    def text_with_cursor(self) -> str:
        cursor = Cursor(self.event.workspace_id, self.seq, self.epoch)
        return f'{self.text[:-1]},"cursor":"{cursor}"}}'

    @cached_property
    def size(self) -> int:
        return len(self.text)


@dataclass(frozen=True)
class Reading:
    """What follows a place. `place` is the new one, `last` the log's end; `gap`: retention was faster."""

    frames: Sequence[Frame]
    place: int
    last: int
    revision: str
    gap: bool = False


def read(workspace_id: int, place: int) -> Reading:
    """Read the next events after a place, matched by the filters that hold now."""
    row = Counter.objects.filter(workspace_id=workspace_id).first()
    if row is None or row.last <= place:
        return Reading((), place, place, row.revision if row else "")
    events = after(workspace_id, place, limit=BATCH)
    events = [event for event in events if event.seq is not None and event.seq <= row.last]
    if not events:
        return Reading((), place, row.last, row.revision, gap=True)
    told = subscriptions(workspace_id, revision=row.revision)
    frames = [
        Frame(event, frozenset(told.index.endpoints(facts_of(event))), told.wire, row.epoch)
        for event in events
        if not event.withheld
    ]
    return Reading(frames, events[-1].seq or place, row.last, row.revision)
