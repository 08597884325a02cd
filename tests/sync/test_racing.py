"""Several workers on the same lanes, on PostgreSQL: each record is written once for each content."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from integrations.sync.models import RecordLane, RecordWrite
from tests.simulators.running import RunningRecord
from tests.sync.conftest import House

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
RECORDS = 12
WORKERS = 6


def test_workers_that_race_write_each_record_once(house: House, record: RunningRecord) -> None:
    house.update()
    numbers = [f"R-{number}" for number in range(RECORDS)]
    for number in numbers:
        record.control.add_order(number)
        house.facts.visits[number] = {"id": number, "state": "done", "minutes": 1}
        for _ in range(3):
            house.tell(number, record=number)

    def work() -> None:
        try:
            for _ in range(3):
                house.work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work) for _ in range(WORKERS)]:
            done.result()
    house.work_until_done()

    assert [len(record.control.effects(number)) for number in numbers] == [1] * RECORDS
    assert RecordWrite.objects.filter(verdict="CONFIRMED").count() == RECORDS
    assert RecordWrite.objects.filter(state="SKIPPED").count() == 2 * RECORDS
    assert not RecordLane.objects.exclude(state="DONE").exists()
