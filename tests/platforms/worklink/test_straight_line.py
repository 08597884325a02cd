"""A webhook becomes a stored, joined and published session."""

from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.workorders.models import Join, Photo, WorkOrder
from tests.platforms.worklink.house import House


def test_a_session_is_stored_joined_and_published(house: House) -> None:
    session = house.cms.start_session({"work_order_id": "WO-000981"})
    house.cms.view_steps(session, count=5)
    house.cms.take_photo(session)
    house.cms.finish_session(session)

    house.work()

    row = house.session()
    assert (row.outcome, row.steps_viewed, row.steps_possible) == ("completed", 5, 5)
    assert row.users == ["Ada Fischer"]
    order = WorkOrder.objects.get()
    assert row.subject == order.subject == Join.objects.get().work_order.subject  # type: ignore[union-attr]
    assert house.event_types() == ["session.joined", "photo.stored"]
    event = Event.objects.get(type="session.joined")
    assert event.payload["records"] == {str(house.erp.pk): "WO-000981"}
    assert event.payload["generation"] == 1
    assert (event.source_type, event.source_id, event.seq) == ("worklink.session", str(row.pk), 1)
    assert Photo.objects.get().work_order == order
    assert {received.subject for received in house.source.received.all()} == {order.subject}
    assert house.refreshed().state == WorkState.DONE
