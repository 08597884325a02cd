"""A script from event to outcome: real sandbox, real server, real rows; only the source of the facts is made up."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from integrations.connections.models import AuthKind, Connection, Workspace
from integrations.core import platforms
from integrations.core.drain import drain
from integrations.core.platforms import ContextField, ContextKind, ScriptFacts
from integrations.events import sequencer
from integrations.events import services as events
from integrations.events.models import Event
from integrations.scripts import jobs, services, validation
from integrations.scripts.models import Script, ScriptGrant, ScriptLane, ScriptRun, ScriptVersion
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, Time, time

__all__ = ["time"]


@dataclass
class Visits:
    """The made-up source: visits of field workers, by id."""

    connection_id: int = 0
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def load(self, source_id: str) -> dict[str, Any]:
        return {"visit": dict(self.rows[source_id]), "order": {"id": 1, "records": {"record": NUMBER}}}

    def script(self, source_id: str) -> ScriptFacts:
        shown: dict[str, Any] = {"session": dict(self.rows[source_id]), "call": None, "answers": []}
        return ScriptFacts(shown, self.connection_id, "Visit", source_id)


@dataclass
class House:
    """A system of record, a script that may write to it, and the way of one fact through the house."""

    connection: Connection
    visits: Visits
    time: Time

    def script(self, source: str, **values: Any) -> Script:
        """A published script on the made-up events."""
        number = Script.objects.count() + 1
        defaults = {"slug": f"script-{number}", "name": f"Script {number}", "event_types": ["visit.updated"]}
        script = Script.objects.create(**defaults | values)
        ScriptGrant.objects.create(script=script, name="record", connection=self.connection, is_target=True)
        self.publish(script, source)
        return script

    def publish(self, script: Script, source: str) -> ScriptVersion:
        version = services.save_version(script, source, author="ada", now=self.time.now())
        services.note_tested(version, now=self.time.now())
        services.publish(version, by="ada", now=self.time.now())
        script.refresh_from_db()
        return version

    def tell(self, visit: str = "v1", **values: Any) -> Event:
        """Publish that a visit changed, and let the sequencer number it."""
        defaults: dict[str, Any] = {"type": "visit.updated", "subject": "workorder/1", "occurred_at": self.time.now()}
        event = events.publish(
            workspace_id=self.connection.workspace.pk,
            payload={"records": {str(self.connection.pk): NUMBER}},
            source_type="test.visit",
            source_id=visit,
            **defaults | values,
        )
        sequencer.sequence_all()
        return event

    def work(self) -> int:
        """Drain all lanes that are due."""
        return drain(ScriptLane, jobs.run_lane)

    def work_until_done(self, *, hours: float = 1.0) -> None:
        """Drain, and let time pass to whatever is due next, for so many hours at most."""
        ends = self.time.now() + timedelta(hours=hours)
        while self.time.now() <= ends:
            self.work()
            lane = ScriptLane.objects.filter(state__in=("DUE", "RUNNING")).order_by("due_at").first()
            if lane is None:
                return
            self.time.pass_by(max((lane.due_at - self.time.now()).total_seconds(), 0) + 0.01)

    def runs(self) -> list[ScriptRun]:
        return list(ScriptRun.objects.order_by("pk"))

    def last(self) -> ScriptRun:
        return ScriptRun.objects.latest("pk")


@pytest.fixture
def record(record: RunningRecord) -> RunningRecord:
    """A system of record with one order."""
    record.control.state.idempotency_keys = True
    record.control.add_order(NUMBER)
    return record


@pytest.fixture
def house(record: RunningRecord, time: Time, monkeypatch: pytest.MonkeyPatch, db: None) -> House:
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
        settle_seconds=1.0,
    )
    visits = Visits(connection.pk, {"v1": {"id": "v1", "state": "done", "minutes": 12}})
    kind = ContextKind(
        source_type="test.visit",
        label="Visit",
        event_types=("visit.joined", "visit.updated"),
        fields=(ContextField("visit.id", "text"), ContextField("visit.state", "text")),
        load=visits.load,
        script=visits.script,
    )
    monkeypatch.setitem(platforms._contexts, "test.visit", kind)
    assert "visit.updated" in validation.event_names()
    return House(connection, visits, time)
