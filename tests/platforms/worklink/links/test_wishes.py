"""Links that are given out by themselves."""

from typing import Any

import pytest
from django.utils import timezone

from integrations.connections.models import Connection
from integrations.core.drain import drain
from integrations.events.sequencer import sequence_all
from integrations.platforms.worklink.links import wishes
from integrations.platforms.worklink.models import IssuedLink, LinkWish
from integrations.workorders import services as workorders
from integrations.workorders.models import WorkOrder
from tests.platforms.worklink.links.making import make_cms, make_erp, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp() -> Connection:
    return make_erp()


@pytest.fixture
def cms(erp: Connection) -> Connection:
    return make_cms()


def put(erp: Connection, **values: Any) -> WorkOrder:
    told = {"asset": "PUMP-77"} | values
    return workorders.put_work_order(system=erp, external_id="WO-1", values=told, now=timezone.now()).work_order


def work() -> None:
    while sequence_all() + drain(LinkWish, wishes.grant):
        pass


def test_a_new_order_and_each_change_that_the_link_tells_have_a_link(erp: Connection, cms: Connection) -> None:
    make_template(cms, automatic=True)
    order = put(erp)
    work()

    link = IssuedLink.objects.get()
    assert (link.work_order, link.target) == (order, "asset=PUMP-77")
    put(erp, title="Leak")
    work()
    assert IssuedLink.objects.count() == 1
    put(erp, asset="GEN-9")
    work()
    assert IssuedLink.objects.count() == 2
    wish = LinkWish.objects.get()
    assert (wish.subject, wish.state) == (order.subject, "DONE")


@pytest.mark.parametrize("template", [{}, {"automatic": True, "enabled": False}])
def test_without_a_template_that_asks_nothing_is_done(erp: Connection, cms: Connection, template: Any) -> None:
    make_template(cms, **template)
    put(erp)
    work()

    assert not LinkWish.objects.exists()
    assert not IssuedLink.objects.exists()


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"closed": True}, "The order is closed."),
        ({"asset": ""}, "has no asset."),
        ({"asset": "x" * 150}, "characters"),
    ],
)
def test_what_cannot_be_given_out_says_why(erp: Connection, cms: Connection, values: Any, note: str) -> None:
    make_template(cms, automatic=True, longest=200)
    put(erp, **values)
    work()

    wish = LinkWish.objects.get()
    assert wish.state == "SKIPPED"
    assert note in wish.note
    assert not IssuedLink.objects.exists()


def test_an_order_that_was_deleted_stops_nobody(erp: Connection, cms: Connection) -> None:
    make_template(cms, automatic=True)
    put(erp).delete()
    work()

    assert LinkWish.objects.get().note == "The order was deleted."
