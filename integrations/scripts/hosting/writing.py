"""Where the writes of a script go: into the ledger and out, or, in a dry run, into a list of what would be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.sync import scripted
from integrations.sync.models import Operation
from integrations.sync.scripted import Effect, Performed, RawRequest, Reply

if TYPE_CHECKING:
    from integrations.scripts.hosting.host import RunHost


class Writer(Protocol):
    """Carries out what a script wants to change."""

    def raw(self, host: "RunHost", connection: Connection, request: RawRequest, *, key: str) -> Reply: ...

    def find(
        self, host: "RunHost", connection: Connection, lookup: Operation, given: Mapping[str, Any]
    ) -> dict[str, Any] | None: ...

    def perform(
        self, host: "RunHost", connection: Connection, operation: Operation, given: Mapping[str, Any], *, key: str
    ) -> Performed: ...


class LiveWriter:
    """Writes once, by the ledger."""

    def raw(self, host: "RunHost", connection: Connection, request: RawRequest, *, key: str) -> Reply:
        effect = effect_of(host, connection, key=key)
        return scripted.send_raw(effect, request, fill=host.secrets.fill, now=clock.now())

    def find(
        self, host: "RunHost", connection: Connection, lookup: Operation, given: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        return find(host, connection, lookup, given)

    def perform(
        self, host: "RunHost", connection: Connection, operation: Operation, given: Mapping[str, Any], *, key: str
    ) -> Performed:
        effect = effect_of(host, connection, key=key)
        return scripted.perform(effect, operation=operation, given=dict(given), now=clock.now())


@dataclass
class DryWriter:
    """Sends nothing that changes anything: keeps each write as it would leave.

    The record that it would go to is looked up, or, where look-ups are recorded, taken from there.
    """

    writes: list[dict[str, Any]] = field(default_factory=list)

    def raw(self, host: "RunHost", connection: Connection, request: RawRequest, *, key: str) -> Reply:
        shown = scripted.preview_raw(effect_of(host, connection, key=key), request)
        self.writes.append(host.secrets.mask({"connection": connection.slug, **shown}))
        body = '{"data": {}}' if request.document else ""
        return Reply(status=202, headers={}, text=body, write_id=0, replayed=False, captured=True)

    def find(
        self, host: "RunHost", connection: Connection, lookup: Operation, given: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        return find(host, connection, lookup, given)

    def perform(
        self, host: "RunHost", connection: Connection, operation: Operation, given: Mapping[str, Any], *, key: str
    ) -> Performed:
        looks_up = host.recorded.record_for if host.recorded else None
        effect = effect_of(host, connection, key=key)
        shown = scripted.preview(effect, operation=operation, given=dict(given), looks_up=looks_up)
        named = {"connection": connection.slug, "operation": operation.name, "problems": list(shown.problems)}
        self.writes.append(host.secrets.mask({**named, **shown.request, "fields": shown.fields}))
        return Performed(write_id=0, verdict="DRY_RUN", id="")


def find(host: "RunHost", connection: Connection, lookup: Operation, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Look the record up, each time anew."""
    effect = effect_of(host, connection, key="", ordinal=0)
    return scripted.find(effect, lookup=lookup, given=dict(given))


def effect_of(host: "RunHost", connection: Connection, *, key: str, ordinal: int | None = None) -> Effect:
    """Name the next effect of a run: by the script's key, or by its place among the run's writes."""
    run, number = host.run, host.next_write() if ordinal is None else ordinal
    return Effect(
        connection=connection,
        record_key=record_key(host, connection),
        origin=run.origin,
        ordinal=number,
        name=f"{host.script.slug}:{key}" if key else f"{host.script.slug}#{number}",
        source_type=run.source_type,
        source_id=run.source_id,
        subject=run.subject,
        occurred_at=run.occurred_at,
        event_id=run.event_id,
        event_type=run.event_type,
        reason=run.reason,
    )


def record_key(host: "RunHost", connection: Connection) -> str:
    """Return the lane of this run's record in a system: what the system calls it, or else our own name for it."""
    order = host.given.get("order") or {}
    known = (order.get("records") or {}).get(connection.slug)
    return str(known or host.run.subject or f"script/{host.script.slug}")[:200]
