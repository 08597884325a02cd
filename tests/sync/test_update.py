"""One update: event → write → look-up → request → read-back."""

from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House


def test_a_fact_reaches_the_record_and_is_confirmed(house: House, record: RunningRecord) -> None:
    house.update()

    house.tell()
    house.work()

    write = house.last()
    assert (write.state, write.verdict, write.sends) == ("DONE", "CONFIRMED", 1)
    order = record.control.order(NUMBER)
    assert (order["status"], order["u_minutes"]) == ("in_progress", 12)
    assert write.request is not None
    assert write.request["body"] == {"status": "in_progress", "u_minutes": 12}
