"""Many webhooks at once: few queries, and one bad webhook harms nobody else."""

import json

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.core.work import LeaseLost, WorkState
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh
from integrations.inbox.processing import process_all
from integrations.inbox.tasks import process
from tests.echo_platform import EchoAdapter
from tests.factories import make_received, make_source

pytestmark = pytest.mark.django_db


def received(count: int, **bodies: object) -> None:
    source = make_source()
    for number in range(count):
        make_received(source=source, body=json.dumps({"id": f"s{number}"} | bodies).encode())


def test_twenty_webhooks_take_no_more_queries_than_one(
    echo: EchoAdapter, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    received(20)

    with django_assert_max_num_queries(16):
        process()

    assert ReceivedWebhook.objects.filter(state=WorkState.DONE).count() == 20
    assert ResourceRefresh.objects.filter(state=WorkState.DUE).count() == 20


def test_a_webhook_that_cannot_be_processed_does_not_stop_the_others(echo: EchoAdapter) -> None:
    received(3)
    make_received(source=ReceivedWebhook.objects.first().source, body=b'{"verb": "crash"}')  # type: ignore[union-attr]

    process()

    states = ReceivedWebhook.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [WorkState.DONE, WorkState.DONE, WorkState.DONE, WorkState.FAILED]
    assert ResourceRefresh.objects.count() == 3


def test_a_batch_whose_lease_was_lost_writes_nothing(echo: EchoAdapter) -> None:
    received(2)
    claims = ReceivedWebhook.objects.all().claim_due(now=timezone.now(), limit=2)
    ReceivedWebhook.objects.filter(pk=claims[0].pk).update(claim_token=None)

    with pytest.raises(LeaseLost):
        process_all(claims)

    assert not ResourceRefresh.objects.exists()
    assert ReceivedWebhook.objects.filter(state=WorkState.RUNNING).count() == 2


def test_resources_that_are_known_and_new_ones_are_asked_for_together(echo: EchoAdapter) -> None:
    received(2)
    process()
    ResourceRefresh.objects.filter(resource_id="s0").update(state=WorkState.DONE)
    ResourceRefresh.objects.filter(resource_id="s1").delete()
    ReceivedWebhook.objects.all().rerun(now=timezone.now())

    process()

    assert set(ResourceRefresh.objects.values_list("resource_id", "state")) == {("s0", "DUE"), ("s1", "DUE")}
