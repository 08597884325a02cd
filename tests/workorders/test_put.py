from datetime import timedelta
from typing import Any

import pytest

from integrations.events.models import Event
from integrations.workorders import services
from integrations.workorders.models import WorkOrder
from tests.workorders.making import NOON, make_connection

pytestmark = pytest.mark.django_db


def test_a_new_order_is_stored_and_published_as_created() -> None:
    system = make_connection()

    put = services.put_work_order(
        system=system, external_id="WO-1", values={"asset": "Pump 7", "opened_at": NOON}, now=NOON
    )

    event = Event.objects.get()
    assert (put.created, put.changed) == (True, True)
    assert (put.work_order.asset, put.work_order.opened_at, put.work_order.changed_at) == ("Pump 7", NOON, NOON)
    assert event.type == "workorder.created"
    assert (event.source_type, event.source_id) == ("workorder", str(put.work_order.pk))
    assert event.payload["records"] == {str(system.pk): "WO-1"}
    assert event.subject == put.work_order.subject


def test_the_same_content_again_changes_and_publishes_nothing() -> None:
    told: dict[str, Any] = {"system": make_connection(), "external_id": "WO-1", "values": {"asset": "Pump 7"}}
    services.put_work_order(**told, now=NOON)

    again = services.put_work_order(**told, now=NOON + timedelta(hours=1))

    assert (again.created, again.changed, again.work_order.changed_at) == (False, False, NOON)
    assert Event.objects.count() == 1


def test_a_change_names_its_fields_and_leaves_the_others() -> None:
    system = make_connection()
    services.put_work_order(system=system, external_id="WO-1", values={"asset": "Pump 7", "site": "Lyon"}, now=NOON)

    put = services.put_work_order(system=system, external_id="WO-1", values={"site": "Brest"}, now=NOON)

    assert (put.created, put.changed) == (False, True)
    assert (put.work_order.asset, put.work_order.site) == ("Pump 7", "Brest")
    assert Event.objects.get(type="workorder.updated").payload["changed"] == ["site"]


def test_two_systems_may_use_the_same_id_for_different_orders() -> None:
    orders = [
        services.put_work_order(system=make_connection(), external_id="1", values={}, now=NOON).work_order.pk
        for _ in range(2)
    ]

    assert len(set(orders)) == 2


@pytest.mark.parametrize(
    ("external_id", "values"), [("", {}), ("K" * 201, {}), ("a\x00b", {}), ("WO-1", {"colour": "red"})]
)
def test_what_cannot_be_kept_is_refused_and_nothing_happens(external_id: str, values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"external id|no field colour"):
        services.put_work_order(system=make_connection(), external_id=external_id, values=values, now=NOON)

    assert not WorkOrder.objects.exists()
    assert not Event.objects.exists()
