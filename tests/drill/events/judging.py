"""The verdict: what was handed in, the log, and what every subscriber noted must agree, by ids and cursors."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.drill.events import clients
from tests.drill.events.files import read
from tests.drill.events.producers import Producers
from tests.drill.events.receivers import STARTED
from tests.drill.events.stream import Stream, Subscriber
from tests.drill.judging import rows_at_the_end
from tests.drill.looking import Database, Sight

SHOWN = 3
# A failing message holds up the others for as long (sheet, 6); then it may come late.
HELD_UP = timedelta(seconds=120)


@dataclass(frozen=True)
class Request:
    """One try of a delivery as the receiver saw it, by the clock of this machine."""

    arrived: float
    answered: float
    name: str
    header_id: str
    attempt: int
    status: int
    cursor: str
    id: str
    digest: str


def requests_of(paths: Sequence[Path]) -> dict[str, list[Request]]:
    """Return what was noted, by receiver, in the order of the answers."""
    found: dict[str, list[Request]] = {}
    for path in paths:
        for line in read(path):
            if line != [STARTED]:
                request = Request(*line)
                found.setdefault(request.name, []).append(request)
    return found


@dataclass(frozen=True)
class Judge:
    """Yields one sentence for each kind of breach of a promise and each subscriber; none: the drill has passed."""

    database: Database
    stream: Stream
    producers: Producers
    webhooks: Sequence[Subscriber]
    sockets: Sequence[Subscriber]
    receivers: Sequence[Path]
    folder: Path

    @cached_property
    def log(self) -> list[str]:
        """The ids of all events in the order of their numbers; those of our own, too."""
        return [_id(row[0]) for row in self.database.rows("SELECT uuid FROM events_event ORDER BY seq")]

    @cached_property
    def late(self) -> Mapping[str, set[str]]:
        """By endpoint's name: what took longer than it may hold up the others, and so may be out of order."""
        rows = self.database.rows(
            "SELECT t.name, m.uid, d.first_tried_at, d.ended_at FROM outbox_delivery d "
            "JOIN outbox_message m ON m.id = d.message_id JOIN outbox_destination t ON t.id = d.destination_id "
            "WHERE d.tries > 1 AND d.ended_at IS NOT NULL"
        )
        found: dict[str, set[str]] = {}
        for name, id, first, ended in rows:
            if _moment(ended) - _moment(first) > HELD_UP:
                found.setdefault(name, set()).add(id)
        return found

    def breaches(self) -> Iterator[str]:
        yield from self.of_log()
        cursors: dict[str, str] = {}
        for socket in self.sockets:
            yield from self.of_socket(socket, cursors)
        requests = requests_of(self.receivers)
        for webhook in self.webhooks:
            yield from self.of_webhook(webhook, requests.get(webhook.name, []), cursors)

    def meant(self, subscriber: Subscriber) -> list[str]:
        """Return the ids that a subscriber should have, in order."""
        by_id = self.stream.by_id
        return [id for id in self.log if not subscriber.wishes or (id in by_id and subscriber.wants(by_id[id]))]

    def told(self) -> dict[str, tuple[int, int, int]]:
        """Return of each webhook how many requests it got, of how many events, and how many of them stood aside."""
        found = requests_of(self.receivers)
        return {
            each.name: (len(got), len({r.id for r in got}), len(self.late.get(each.name, ())))
            for each in self.webhooks
            for got in [found.get(each.name, [])]
        }

    def of_log(self) -> Iterator[str]:
        """Every acknowledged event is there once, and nothing else is."""
        yield from self.producers.refused[:SHOWN]
        known = self.stream.by_id
        kept = Counter(self.log)
        acknowledged = {self.stream.id(number) for number in self.producers.acknowledged}
        yield from _some("never acknowledged", known.keys() - acknowledged)
        yield from _some("acknowledged, and not in the log", acknowledged - kept.keys())
        yield from _some("in the log more than once", [id for id, count in kept.items() if count > 1])
        seen = {_id(row[0]) for row in self.database.rows("SELECT uuid FROM events_event WHERE camera_id IS NOT NULL")}
        yield from _some("in the log, and nobody handed it in", seen - known.keys())
        yield from rows_at_the_end(Sight(self.database))
        dead = self.database.rows("SELECT id FROM outbox_delivery WHERE state <> 'DELIVERED'")
        yield from _some("deliveries that did not end delivered", [row[0] for row in dead])

    def of_socket(self, socket: Subscriber, cursors: dict[str, str]) -> Iterator[str]:
        """All of them, once, in order, each with the cursor that everybody gets with it."""
        lines = list(read(self.folder / f"{socket.name}.socket"))
        name = f"the websocket client “{socket.name}”"
        yield from _some(f"{name} was refused with", [line[1:] for line in lines if line[0] == clients.REFUSED])
        heard = [line for line in lines if line[0] != clients.REFUSED]
        yield from _compared(name, [line[0] for line in heard], self.meant(socket))
        yield from _some(
            f"{name} got another cursor with", [id for id, cursor in heard if cursors.setdefault(id, cursor) != cursor]
        )
        yield from _some(
            f"{name} got a cursor twice", [c for c, count in Counter(c for _, c in heard).items() if count > 1]
        )

    def of_webhook(self, webhook: Subscriber, requests: list[Request], cursors: dict[str, str]) -> Iterator[str]:
        """Each at least once, under one id, with one body and cursor; none before those ahead of it have arrived."""
        name, meant = f"the webhook “{webhook.name}”", self.meant(webhook)
        arrived: dict[str, float] = {}
        taken: dict[str, float] = {}
        for each in requests:
            arrived[each.id] = min(arrived.get(each.id, each.arrived), each.arrived)
            if each.status == 200:
                taken.setdefault(each.id, each.answered)
        yield from _some(f"{name} never got", set(meant) - taken.keys())
        yield from _some(f"{name} got what is not for it", arrived.keys() - set(meant))
        yield from _some(f"{name} got another id in the header with", {r.id for r in requests if r.header_id != r.id})
        bodies = {(each.id, each.digest) for each in requests}
        yield from _some(
            f"{name} got another body with", [id for id, n in Counter(id for id, _ in bodies).items() if n > 1]
        )
        yield from _some(
            f"{name} got another cursor with",
            {r.id for r in requests if cursors.setdefault(r.id, r.cursor) != r.cursor},
        )
        tries = Counter((each.id, each.attempt) for each in requests)
        yield from _some(f"{name} got a number of attempt twice with", [id for (id, _), n in tries.items() if n > 1])
        late = self.late.get(webhook.name, set())
        in_time = [id for id in meant if id in taken and id not in late]
        early = [two for one, two in pairwise(in_time) if arrived[two] < taken[one]]
        yield from _some(f"{name} got, before the one ahead of it was delivered,", early)


def _compared(name: str, found: Sequence[str], meant: Sequence[str]) -> Iterator[str]:
    """Say what is missing, strange, repeated, or in another order."""
    if list(found) == list(meant):
        return
    yield from _some(f"{name} never got", set(meant) - set(found))
    yield from _some(f"{name} got what is not for it", set(found) - set(meant))
    yield from _some(f"{name} got more than once", [id for id, count in Counter(found).items() if count > 1])
    places = {id: place for place, id in enumerate(meant)}
    known = [id for id in dict.fromkeys(found) if id in places]
    yield from _some(f"{name} got out of order", [two for one, two in pairwise(known) if places[two] < places[one]])


def _id(value: Any) -> str:
    """SQLite gives it without hyphens."""
    return str(UUID(str(value)))


def _moment(value: Any) -> datetime:
    """SQLite gives a text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _some(what: str, which: Any) -> Iterator[str]:
    """Say it once, with how many there are and the first of them."""
    if which:
        first = sorted(map(str, which))[:SHOWN]
        yield f"{what}: {len(which)}, such as {', '.join(first)}"
