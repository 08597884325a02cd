"""A system of record over real HTTP, and a questionnaire about it; only the source of the facts is made up."""

from dataclasses import dataclass
from typing import Any

import pytest

from integrations.connections.models import Connection
from integrations.core.drain import drain
from integrations.readiness import jobs, trials
from integrations.readiness.models import FieldTrial, Item, Questionnaire
from integrations.sync.models import FieldMapping, Operation
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, Facts, House, Time, facts, house, record, time

__all__ = ["NUMBER", "Facts", "House", "Time", "facts", "house", "record", "time"]

STATE, MINUTES = "test.visit:visit.state", "test.visit:visit.minutes"
ANSWERED: dict[str, Any] = {"deep_links": "NO", "api": "REST", "path": "/api/orders/{record.id}"}


@dataclass
class Asked:
    """A questionnaire with two items that are answered in full; the mapping is not made yet."""

    house: House
    row: Questionnaire

    @property
    def connection(self) -> Connection:
        return Connection.objects.get(pk=self.house.connection.pk)

    def item(self, fact: str = STATE) -> Item:
        return self.row.items.get(fact=fact)

    def change(self, which: str = STATE, **values: Any) -> None:
        Item.objects.filter(pk=self.item(which).pk).update(**values)

    def read(self) -> Questionnaire:
        return Questionnaire.objects.get(pk=self.row.pk)

    def made(self) -> list[Operation]:
        return list(Operation.objects.exclude(kind="LOOKUP").order_by("pk"))

    def fields(self) -> dict[str, str]:
        return dict(FieldMapping.objects.order_by("pk").values_list("target", "source"))

    def ask(self, *, value: str = "tried", fact: str = STATE, record_key: str = NUMBER) -> FieldTrial:
        return trials.ask(self.row, self.item(fact), record_key=record_key, value=value, by="anna")

    def work(self) -> None:
        drain(FieldTrial, jobs.run_trial)

    def work_until_done(self) -> None:
        """Work, and let time pass to whatever is due next."""
        for _again in range(50):
            self.work()
            row = FieldTrial.objects.filter(state__in=("DUE", "RUNNING")).order_by("due_at").first()
            if row is None:
                return
            self.house.time.pass_by(max((row.due_at - self.house.time.now()).total_seconds(), 0) + 0.01)


@pytest.fixture
def asked(house: House, record: RunningRecord) -> Asked:
    row = Questionnaire.objects.create(connection=house.connection, lookup=house.lookup, **ANSWERED)
    Item.objects.create(questionnaire=row, fact=STATE, field="FIELD", target="status", type="TEXT")
    Item.objects.create(
        questionnaire=row, position=1, fact=MINUTES, field="FIELD", target="u_minutes", type="INTEGER", format="round"
    )
    return Asked(house, row)
