"""One row, inserted by a statement made once: it must be what the ORM would have written."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.core.inserting import insert
from integrations.platforms.worklink.models import ScenarioSession
from integrations.workorders.models import ExternalId, WorkOrder
from tests.factories import make_connection

pytestmark = pytest.mark.django_db
TEXT = {"text": "“é” % %s 'x'", "numbers": [1, 2.5, None, True], "none": None}


def session(resource_id: str) -> ScenarioSession:
    at = timezone.now()
    return ScenarioSession(
        connection=make_connection(),
        resource_id=resource_id,
        started_at=at - timedelta(hours=1),
        seconds=1.5,
        external_data=TEXT,
        document={"events": [TEXT], "10%": "%s"},
        users=["Olga", "Ünal"],
        read_at=at,
        incomplete=True,
    )


def test_an_inserted_row_is_read_as_one_that_the_orm_saved() -> None:
    ours, theirs = session("a"), session("b")

    assert insert(ours)
    theirs.save()

    differ = {"id", "resource_id", "connection", "started_at", "read_at", "first_seen_at", "changed_at", "stored_at"}
    names = [field.name for field in ScenarioSession._meta.concrete_fields if field.name not in differ]
    kept = [ScenarioSession.objects.get(pk=row.pk) for row in (ours, theirs)]
    assert [getattr(kept[0], name) for name in names] == [getattr(kept[1], name) for name in names]
    for name in differ - {"id"}:
        assert getattr(kept[0], name) == getattr(ours, name)


def test_an_inserted_row_can_be_saved_again() -> None:
    order = WorkOrder(title="Pump", workspace_id=make_connection().workspace_id)
    insert(order)

    order.title = "Pump 7"
    order.save()

    assert [each.title for each in WorkOrder.objects.all()] == ["Pump 7"]


def test_a_row_that_a_constraint_knows_is_not_inserted_and_the_transaction_goes_on() -> None:
    system = make_connection()
    order = WorkOrder.objects.create(workspace_id=system.workspace_id)
    first, second = (ExternalId(work_order=order, system=system, external_id="WO-1") for _ in range(2))

    assert insert(first)
    assert not insert(second)

    assert second.pk is None
    assert [each.pk for each in ExternalId.objects.all()] == [first.pk]
