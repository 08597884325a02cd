"""How much the ledger costs: few statements on the straight way."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.events import sequencer
from integrations.events import services as events
from integrations.sync.models import RecordWrite
from tests.simulators.running import RunningRecord
from tests.sync.conftest import House


def test_one_update_takes_few_statements(house: House, record: RunningRecord) -> None:
    house.update()
    house.tell()
    house.work()
    house.facts.visits["v1"]["minutes"] = 13
    house.tell()

    with CaptureQueriesContext(connection) as captured:
        house.work()

    own = [query["sql"] for query in captured if "installation" not in query["sql"]]
    assert RecordWrite.objects.latest("id").verdict == "CONFIRMED"
    # candidates ×2, claim ×2, writes, past ×2, intent, verdict, finish
    assert len(own) <= 12, own


def test_a_hundred_events_are_sunk_by_as_many_statements_as_one(house: House) -> None:
    house.update()

    with CaptureQueriesContext(connection) as one:
        house.tell()
    for number in range(100):
        house.facts.visits[f"w{number}"] = {"id": f"w{number}"}
    for number in range(100):
        events.publish(
            workspace_id=house.connection.workspace.pk,
            type="visit.updated",
            occurred_at=house.time.now(),
            payload={"records": {str(house.connection.pk): f"WO-{number}"}},
            source_type="test.visit",
            source_id=f"w{number}",
        )
    with CaptureQueriesContext(connection) as hundred:
        sequencer.sequence_all()

    assert RecordWrite.objects.count() == 101
    assert len(hundred) <= len(one) + 2
