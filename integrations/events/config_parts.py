"""Parts of endpoints and event filters in a configuration file: what an endpoint has follows from its type."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError

from integrations.core import clock
from integrations.core.config import references
from integrations.core.config.documents import Place
from integrations.core.config.parts import Column, Entry, Part, Step, Writer
from integrations.core.config.plain import ABSENT, Change, Path, Plain
from integrations.core.config.sections import REASON
from integrations.core.ids import random_token
from integrations.events import conditions
from integrations.events.models import Endpoint, EndpointType, EventFilter, WebsocketAuth
from integrations.events.refusals import Refused
from integrations.outbox.models import Destination
from integrations.outbox.services import destinations


class Around(Part):
    """Another part, with rules of its own about when it is there."""

    def __init__(self, part: Part) -> None:
        self.part, self.name, self.covers = part, part.name, part.covers
        self.required, self.kept, self.default = part.required, part.kept, part.default

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        return self.part.show(row, path, writer)

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        return self.part.read(value, place, entry)

    def put(self, row: Any, value: Plain, step: Step) -> Iterable[Change]:
        return self.part.put(row, value, step)


class Fixed(Around):
    """What is chosen once: subscribers rely on it."""

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        changes = list(self.part.put(row, value, step))
        if changes and not step.fresh:
            (step.place / self.name).refuse("it never changes: take another id for another one.")
        yield from changes


class Kind(Fixed):
    """The type of an endpoint. A new webhook gets the destination that its further parts are put on."""

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        yield from super().put(row, value, step)
        if step.fresh and row.type == EndpointType.WEB_HOOK:
            row.auth = ""
            row.destination = Destination(workspace=row.workspace, uid=row.pk, name=row.name)
            row.destination._change_reason = REASON


class Of(Around):
    """What endpoints of one type have: on the endpoint itself, or on the destination of a webhook."""

    def __init__(self, type: EndpointType, part: Part) -> None:
        super().__init__(part)
        self.type, self.required = type, False
        self.covers = part.covers if type == EndpointType.WEB_SOCKET else ("destination",)

    def show(self, row: Endpoint, path: Path, writer: Writer) -> Plain:
        return self.part.show(self._holder(row), path, writer) if row.type == self.type else ABSENT

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        if entry.get("type", self.type) != self.type:
            place.refuse(f"only a {self.type.label} has this.")
            return ABSENT
        return self.part.read(value, place, entry)

    def put(self, row: Endpoint, value: Plain, step: Step) -> Iterable[Change]:
        holder = self._holder(row) if row.type == self.type else None
        return self.part.put(holder, value, step) if holder else ()

    def _holder(self, row: Endpoint) -> Any:
        return row if self.type == EndpointType.WEB_SOCKET else row.destination


class SocketKey(Part):
    """What websockets present beside the id. A new endpoint without it gets one of its own."""

    name, covers, kept = "access", ("access",), True
    FORM = re.compile(r"[A-Za-z0-9_-]{16,200}")

    def show(self, row: Endpoint, path: Path, writer: Writer) -> Plain:
        return writer.names.reference(path) if row.auth == WebsocketAuth.TOKEN else ABSENT

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        return references.read(value, place)

    def put(self, row: Endpoint, value: Plain, step: Step) -> Iterator[Change]:
        held = "" if step.fresh else row.access
        row.access = row.access or random_token(24)
        if value is ABSENT:
            return
        place = step.place / self.name
        known = len(place.document.problems)
        given = references.settled(value, held, place=place, resolve=step.resolve)
        if len(place.document.problems) > known:
            return
        if not self.FORM.fullmatch(given):
            place.refuse("a key is 16 letters and digits or more; make it with secrets.token_urlsafe(24).")
        if given != held:
            row.access = given
            yield Change((self.name,), *references.as_change(value, held, given))


class SigningSecret(Part):
    """What signs a webhook's requests; without it they are unsigned. One that it replaces signs too for a day."""

    name, covers = "secret", ("secrets", "previous_until")

    def show(self, row: Destination, path: Path, writer: Writer) -> Plain:
        return writer.names.reference(path) if row.secrets.get("current") else ABSENT

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        return references.read(value, place)

    def put(self, row: Destination, value: Plain, step: Step) -> Iterator[Change]:
        held = row.secrets.get("current", "")
        given = references.settled(value, held, place=step.place / self.name, resolve=step.resolve)
        if given != held:
            yield Change((self.name,), *references.as_change(value, held, given))
            destinations.put_secret(row, given, now=clock.now())


class Condition(Column):
    """One condition of a filter, in the one form in which it is stored."""

    def __init__(self, condition: str, column: str) -> None:
        super().__init__(EventFilter, column)
        self.condition = condition

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        try:
            return super().read(conditions.read({self.condition: value})[self.name], place, entry)
        except Refused as refused:
            place.refuse(refused.errors[self.condition])
            return ABSENT


def webhook_problems(destination: Destination) -> Iterator[tuple[str, str]]:
    """Yield (part, sentence) for what is refused of a destination."""
    try:
        destination.full_clean(exclude=["workspace"])
    except ValidationError as error:
        for name, said in error.message_dict.items():
            yield name, " ".join(said)
