"""Queueing: many messages, many destinations, few statements, nothing twice."""

from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from integrations.connections.models import Workspace
from integrations.core import clock
from integrations.outbox.models import DELIVER_TASK, Delivery, Destination, Message
from integrations.outbox.services import destinations
from integrations.outbox.services.enqueuing import enqueue
from tests.factories import make_workspace
from tests.outbox.making import make_destination, outgoing

pytestmark = pytest.mark.django_db


def test_one_event_to_a_hundred_destinations_takes_few_statements_and_one_body(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    to = [make_destination() for _ in range(100)]
    workspace, now = make_workspace().pk, clock.now()

    with django_assert_max_num_queries(8):
        assert enqueue(workspace, [outgoing(*to)], now=now) == 100

    assert Message.objects.count() == 1
    assert Delivery.objects.count() == 100
    assert Destination.objects.due(clock.now()).count() == 100


def test_two_hundred_events_take_no_more_statements_than_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    to = [make_destination() for _ in range(5)]
    sent = [outgoing(*to) for _ in range(200)]

    with django_assert_max_num_queries(12):  # SQLite takes the messages in batches
        assert enqueue(make_workspace().pk, sent, now=clock.now()) == 1000

    found = Delivery.objects.filter(destination=to[0]).order_by("pk").values_list("message__uid", flat=True)
    assert list(found) == [each.uid for each in sent]


def test_what_is_queued_already_is_not_queued_again() -> None:
    first, second = make_destination(), make_destination()
    sent = outgoing(first)
    enqueue(make_workspace().pk, [sent], now=clock.now())

    again = outgoing(first, second, uid=sent.uid, body='{"changed": true}')

    assert enqueue(make_workspace().pk, [again], now=clock.now()) == 1
    assert Message.objects.get().body == sent.body
    assert Delivery.objects.count() == 2


def test_destinations_of_another_workspace_and_deleted_ones_get_nothing() -> None:
    foreign, deleted = make_destination(), make_destination()
    Destination.objects.filter(pk=foreign.pk).update(
        workspace=Workspace.objects.create(slug="other", name="Other"), due_at=clock.now() + timedelta(days=1)
    )
    destinations.retire(deleted, by="Ann", now=clock.now())

    assert enqueue(make_workspace().pk, [outgoing(foreign, deleted)], now=clock.now()) == 0

    assert not Delivery.objects.exists()


def test_nothing_is_queued_by_a_transaction_that_is_undone(hints: list[str]) -> None:
    to = make_destination()
    hints.clear()

    with transaction.atomic():
        enqueue(make_workspace().pk, [outgoing(to)], now=clock.now())
        transaction.set_rollback(True)

    assert not Message.objects.exists()
    assert not Delivery.objects.exists()
    assert DELIVER_TASK not in hints


def test_deleting_a_destination_drops_what_waits_and_forgets_its_secrets() -> None:
    to = make_destination(secret="whsec_c2VjcmV0", headers={"X-Key": "of-theirs"})
    enqueue(make_workspace().pk, [outgoing(to)], now=clock.now())

    destinations.retire(to, by="Ann", now=clock.now())

    to.refresh_from_db()
    assert (to.secrets, to.headers, to.enabled) == ({}, {}, False)
    assert Delivery.objects.get().note == "Dropped by Ann."
    assert to not in Destination.objects.kept()
