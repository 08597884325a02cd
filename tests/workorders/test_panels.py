"""What the centre adds to the work order's page, the index page and the retention."""

from datetime import timedelta

import pytest

from integrations.core.registries import retained_kinds
from integrations.workorders import counters, selectors, services, timeline
from integrations.workorders.models import Join, WorkOrder
from tests.workorders.making import NOON, join_session, make_connection, make_order, the_join
from tests.workorders.test_photos import keep

pytestmark = pytest.mark.django_db


def test_the_timeline_shows_how_things_came_to_the_order() -> None:
    system = make_connection()
    order = join_session(make_connection(), key="WO-1", system=system).work_order
    assert order is not None
    photo = keep()

    became_known, joined, kept = timeline.entries(order.subject)

    assert became_known.note.startswith("By its key only")
    assert (joined.title, joined.note) == ("Replace pump joined", "By its key: work_order_id = WO-1.")
    assert kept.url == f"/admin/workorders/photo/{photo.pk}/change/"


@pytest.mark.parametrize("subject", ["", "workorder/x", "camera/1", "workorder/0"])
def test_the_timeline_of_something_else_is_empty(subject: str) -> None:
    make_order("WO-1", system=make_connection())

    assert list(timeline.entries(subject)) == []


def test_the_index_page_counts_what_waits_for_an_operator() -> None:
    assert [(counter.value, counter.detail) for counter in counters.counters()] == [(0, "")]
    join_session(make_connection())

    (counter,) = counters.counters()

    assert (counter.value, counter.attention, counter.detail) == (1, True, "oldest from 2026-03-01 12:00 UTC")


def test_an_unmatched_row_offers_the_orders_of_exactly_its_key() -> None:
    system = make_connection()
    order = make_order("WO-1", system=system)
    make_order("WO-11", system=system)
    join_session(make_connection(), key="WO-1")

    assert selectors.candidates(the_join()) == [order]
    join_session(make_connection(), source_id="2")
    assert selectors.candidates(Join.objects.get(source_id="2")) == []


def test_retention_keeps_open_orders_and_those_with_anything_joined() -> None:
    system = make_connection()
    gone = make_order("old-closed", system=system, closed=True)
    make_order("old-open", system=system)
    make_order("joined", system=system, closed=True)
    join_session(make_connection(), key="joined", system=system)
    kinds = {kind.kind: kind for kind in retained_kinds()}
    later = NOON + timedelta(days=1)

    assert list(kinds["workorders.workorder"].expired(later)) == [gone]
    assert not kinds["workorders.workorder"].expired(NOON).exists()
    assert list(kinds["workorders.join"].expired(later)) == [the_join()]


def test_the_facts_of_an_order_are_plain_json() -> None:
    order = make_order("WO-1", system=make_connection("erp"), asset="Pump 7", opened_at=NOON)

    facts = selectors.order_facts(order)

    assert (facts["asset"], facts["opened_at"]) == ("Pump 7", "2026-03-01T12:00:00Z")
    assert (facts["external_id"], facts["records"]) == ("WO-1", {"erp": "WO-1"})
    assert selectors.order_facts(None)["external_id"] == ""


def test_an_order_without_a_name_is_shown_by_its_number() -> None:
    order = WorkOrder.objects.create()

    assert str(order) == f"work order {order.pk}"
    assert services.records_of(order) == {}
