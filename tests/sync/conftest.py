"""A lane from event to system of record: real server, real rows; only the source of the facts is made up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.connections.models import AuthKind, Connection, Workspace
from integrations.core import clock, platforms
from integrations.core.drain import drain
from integrations.core.platforms import ContextField, ContextKind
from integrations.events import sequencer
from integrations.events import services as events
from integrations.sync import jobs, origins, plans
from integrations.sync.models import FieldMapping, Operation, OperationKind, RecordLane, RecordWrite
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord

NUMBER = "WO-000981"
PNG = b"\x89PNG not really, but bytes all the same"


@pytest.fixture
def record(record: RunningRecord) -> RunningRecord:
    """A system of record with one order."""
    record.control.state.idempotency_keys = True
    record.control.add_order(NUMBER)
    return record


@dataclass
class Facts:
    """The made-up source: visits of field workers, by id."""

    visits: dict[str, dict[str, Any]] = field(default_factory=dict)

    def load(self, source_id: str) -> dict[str, Any]:
        return {"visit": dict(self.visits[source_id])}

    def file(self, source_id: str) -> tuple[str, str, bytes]:
        assert self.visits[source_id]
        return f"{source_id}.png", "image/png", PNG


FIELDS = (
    ContextField("visit.id", "text"),
    ContextField("visit.state", "text"),
    ContextField("visit.minutes", "number"),
    ContextField("visit.ended_at", "time"),
    ContextField("visit.steps", "list"),
)


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> Facts:
    """One visit, `v1`; registered as the kind of source "test.visit"."""
    made = Facts({"v1": {"id": "v1", "state": "in_progress", "minutes": 12, "ended_at": None, "extra": {"po": "7"}}})
    kind = ContextKind(
        source_type="test.visit",
        label="Visit",
        event_types=("visit.joined", "visit.updated"),
        fields=FIELDS,
        load=made.load,
        open_paths=("visit.extra",),
        file=made.file,
    )
    monkeypatch.setitem(platforms._contexts, "test.visit", kind)
    return made


@dataclass
class Time:
    """The database's clock, moved on by hand."""

    shift: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def pass_by(self, seconds: float) -> None:
        self.shift += timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    moved = Time()
    monkeypatch.setattr(clock, "now", moved.now)
    monkeypatch.setattr(timezone, "now", moved.now)
    return moved


@dataclass
class House:
    """A connection to the record with its operations, and the way of one fact through the house."""

    connection: Connection
    lookup: Operation
    facts: Facts
    time: Time
    subject: str = "workorder/1"

    def operation(self, kind: str = OperationKind.UPDATE, **values: Any) -> Operation:
        defaults = {"name": f"{kind} {Operation.objects.count()}", "source_type": "test.visit", "lookup": self.lookup}
        return Operation.objects.create(connection=self.connection, kind=kind, **FORMS[kind] | defaults | values)

    def update(self, **values: Any) -> Operation:
        """An update of two fields, read back."""
        operation = self.operation(OperationKind.UPDATE, **values)
        map_field(operation, "visit.state", "status")
        map_field(operation, "visit.minutes", "u_minutes", type="INTEGER")
        return operation

    def tell(self, visit: str = "v1", *, type: str = "visit.updated", **values: Any) -> None:
        """Publish that a visit changed, and let the sequencer number it."""
        connection = self.connection
        events.publish(
            workspace_id=connection.workspace.pk,
            type=type,
            occurred_at=values.pop("occurred_at", self.time.now()),
            payload={"records": {str(connection.pk): values.pop("record", NUMBER)}},
            source_type="test.visit",
            source_id=visit,
            subject=self.subject,
            **values,
        )
        sequencer.sequence_all()

    def work(self) -> int:
        """Drain all lanes that are due."""
        return drain(RecordLane, jobs.run_lane)

    def work_until_done(self, *, hours: float = 1.0) -> None:
        """Drain, and let time pass to whatever is due next, for so many hours at most."""
        ends = self.time.now() + timedelta(hours=hours)
        while self.time.now() <= ends:
            self.work()
            lane = RecordLane.objects.filter(state__in=("DUE", "RUNNING")).order_by("due_at").first()
            if lane is None:
                return
            self.time.pass_by(max((lane.due_at - self.time.now()).total_seconds(), 0) + 0.01)

    def writes(self) -> list[RecordWrite]:
        return list(RecordWrite.objects.order_by("id"))

    def last(self) -> RecordWrite:
        return RecordWrite.objects.latest("id")


FORMS: dict[str, dict[str, Any]] = {
    OperationKind.UPDATE: {
        "path": "/api/orders/{record.id}",
        "readback_path": "/api/orders/{record.id}",
        "readback_expect": "body",
    },
    OperationKind.NOTE: {
        "path": "/api/orders/{record.id}/notes",
        "body": {"body": "Visit {visit.id}: {visit.state} ({marker})"},
        "marker": "fieldport:{key}",
        "readback_path": "/api/orders/{record.id}/notes",
        "readback_expect": "body.items",
    },
    OperationKind.ATTACH: {
        "path": "/api/orders/{record.id}/attachments",
        "body": {"description": "Photo {visit.id}", "external_id": "{key}"},
        "file_field": "file",
        "key_place": "BODY",
        "already_exists": "status == `409`",
        "readback_path": "/api/orders/{record.id}/attachments",
        "readback_expect": "body.items",
    },
    OperationKind.CREATE: {
        "method": "PUT",
        "path": "/api/orders/{record.id}/sessions/{visit.id}",
        "body": {"state": "{visit.state}"},
        "readback_path": "/api/orders/{record.id}/sessions/{visit.id}",
        "readback_expect": "body",
        "created_id": "body.id",
    },
}


def map_field(operation: Operation, source: str, target: str, **values: Any) -> FieldMapping:
    return FieldMapping.objects.create(operation=operation, source=source, target=target, **values)


@pytest.fixture
def house(record: RunningRecord, facts: Facts, time: Time, db: None) -> Iterator[House]:
    connection = Connection.objects.create(
        workspace=Workspace.default(),
        slug="record",
        name="Record",
        platform="generic",
        base_url=record.url,
        auth_kind=AuthKind.BEARER,
        credentials={"token": BEARER_TOKEN},
        rate_per_second=10_000.0,
        max_concurrency=50,
    )
    lookup = Operation.objects.create(
        connection=connection,
        name="find",
        kind=OperationKind.LOOKUP,
        path="/api/orders",
        query={"number": "{external_id}"},
        records="body.items",
        closed="closed",
    )
    yield House(connection, lookup, facts, time)
    plans.forget()


@pytest.fixture
def resumed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The origins that were told of a decision; none leads to a real run."""
    told: list[str] = []
    kind = origins.Origins("scriptrun", "run of a script", url=lambda origin: f"/runs/{origin}", resume=told.append)
    monkeypatch.setitem(origins._origins, "scriptrun", kind)
    return told
