"""A webhook of any sender, from its kept row to work orders."""

import contextlib
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.core.drain import drain
from integrations.core.platforms import Incoming, InvalidSignature, Received, Unreadable, Unwanted, adapter_of
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.inbox import jobs
from integrations.inbox.models import ReceivedWebhook, WebhookSource
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.workorders.models import WorkOrder
from tests.platforms.generic.conftest import make_feed

pytestmark = pytest.mark.django_db
ORDERS = {"items": [{"number": "WO-1", "asset": "Pump 7"}, {"number": "WO-2", "site": "Lyon", "closed": True}]}


def receive(feed: WorkOrderFeed, body: bytes) -> ReceivedWebhook:
    source, _ = WebhookSource.objects.get_or_create(connection=feed.connection, name="Record")
    row = ReceivedWebhook.objects.create(source=source, body=body, body_size=len(body))
    drain(ReceivedWebhook, jobs.process)
    return ReceivedWebhook.objects.get(pk=row.pk)


def test_a_webhook_becomes_work_orders() -> None:
    row = receive(make_feed(), json.dumps(ORDERS).encode())

    assert (row.state, row.note) == (WorkState.DONE, "Work orders: WO-1, WO-2.")
    assert [order.closed for order in WorkOrder.objects.order_by("pk")] == [False, True]
    assert Event.objects.filter(type="workorder.created").count() == 2


def test_a_webhook_about_one_order_is_found_by_it() -> None:
    row = receive(make_feed(), json.dumps({"items": [{"number": "WO-1"}]}).encode())

    assert (row.resource_type, row.resource_id) == ("workorder", "WO-1")
    assert row.subject == WorkOrder.objects.get().subject


def test_an_empty_list_is_skipped() -> None:
    row = receive(make_feed(), b'{"items": []}')

    assert (row.state, row.note) == (WorkState.SKIPPED, "It names no work orders: its list is empty.")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "This is not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 200 + b"]" * 200, "nested more than"),
        (b"{}", "“items” points: nothing is there"),
        (b'{"items": [{"number": "WO-1"}, {"asset": "x"}]}', "item 2: external_id"),
        (b'{"items": [{"number": "WO\\u0000-1"}, {"number": "WO-2", "closed": "perhaps"}]}', "item 2: WO-2: closed"),
    ],
)
def test_an_unreadable_body_is_named_and_nothing_of_it_is_taken(body: bytes, said: str) -> None:
    row = receive(make_feed(), body)

    assert row.state == WorkState.FAILED
    assert said in row.note
    assert bytes(row.body) == body
    assert not WorkOrder.objects.exists()
    assert not Event.objects.exists()


def test_without_a_feed_the_row_is_skipped_with_what_to_do() -> None:
    feed = make_feed()
    WorkOrderFeed.objects.all().delete()

    row = receive(feed, json.dumps(ORDERS).encode())

    assert row.state == WorkState.SKIPPED
    assert "add one" in row.note
    assert not WorkOrder.objects.exists()


def test_a_feed_with_wrong_expressions_cannot_be_saved() -> None:
    with pytest.raises(ValidationError) as error:
        make_feed(items="a[", fields={"colour": "red"}, poll_path="/orders")

    assert set(error.value.message_dict) == {"items", "fields", "poll_path"}
    assert "has no field “colour”" in error.value.message_dict["fields"][0]
    assert not WorkOrderFeed.objects.exists()


def test_the_platforms_own_signature_is_refused_because_there_is_none() -> None:
    with pytest.raises(InvalidSignature, match="choose another verification"):
        adapter_of("generic").verify(Incoming(headers={}, body=b""), secrets=["s"])


def test_only_a_standard_webhook_names_its_delivery() -> None:
    signed = hmac.new(b"s", b"", hashlib.sha256).hexdigest()
    adapter = adapter_of("generic")

    assert adapter.delivery_key(Incoming({"webhook-id": "msg_1", "webhook-signature": signed}, b"")) == "msg_1"
    assert adapter.delivery_key(Incoming({"webhook-id": "msg_1"}, b"")) is None


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(body=st.binary(max_size=60) | st.from_regex(rb'\{"items": \[[{}"a-z0-9:,\[\]\\u]{0,40}', fullmatch=True))
def test_a_hostile_body_is_refused_in_words(db: Any, body: bytes) -> None:
    feed = WorkOrderFeed.objects.first() or make_feed()
    received = Received(
        id=1,
        source_id=1,
        connection_id=feed.connection_id,
        incoming=Incoming(headers={}, body=body),
        received_at=feed.created_at,
    )

    with contextlib.suppress(Unreadable, Unwanted):
        assert str(adapter_of("generic").take(received)).startswith("Work orders: ")
