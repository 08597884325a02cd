"""What a receiver sees: acceptance cases 31 to 34 of the contract, over real sockets."""

import json

import pytest
from pytest_django.fixtures import Settings

from integrations.outbox.models import Attempt, Delivery
from tests.outbox.making import make_destination, pass_time, pump, queue, states
from tests.simulators.receiver import Receiver, Reply

pytestmark = pytest.mark.django_db


def test_case_31_a_put_arrives_at_the_exact_url_with_one_event(receiver: Receiver) -> None:
    to = make_destination(receiver, method="PUT")

    queue(to, body='{"type": "roi"}', uid="e-1", cursor="c-1")
    pump()

    (seen,) = receiver.taken
    assert (seen.method, seen.path) == ("PUT", "/hook?key=of-the-receiver")
    assert json.loads(seen.body) == {"type": "roi"}
    assert seen.headers["content-type"] == "application/json; charset=utf-8"
    named = {name: seen.headers[name] for name in ("x-event-id", "x-event-type", "x-endpoint-id", "x-cursor")}
    assert named == {
        "x-event-id": "e-1",
        "x-event-type": "workorder.updated",
        "x-endpoint-id": str(to.uid),
        "x-cursor": "c-1",
    }


def test_case_32_two_500s_then_200_are_three_attempts_about_1_s_and_5_s_apart(receiver: Receiver) -> None:
    receiver.script = [Reply(500), Reply(500)]
    (delivery,) = queue(make_destination(receiver))

    pump(linger=7)

    first, second, third = (taken.at for taken in receiver.taken)
    assert 0.7 < second - first < 2.5
    assert 3.9 < third - second < 7.5
    assert len(set(receiver.header("X-Event-Id"))) == 1
    assert receiver.header("X-Delivery-Attempt") == ["1", "2", "3"]
    assert states([delivery]) == ["DELIVERED"]


def test_case_33_a_400_fails_at_once_and_the_next_event_goes_out(receiver: Receiver) -> None:
    receiver.script = [Reply(400, b'{"error": "no such field"}')]
    refused, accepted = queue(make_destination(receiver), count=2)

    pump()

    assert receiver.header("X-Event-Id") == [refused.message.uid, accepted.message.uid]
    assert states([refused, accepted]) == ["FAILED", "DELIVERED"]
    attempt = Attempt.objects.get(delivery=refused)
    assert (attempt.status, attempt.answer["body"]) == (400, '{"error": "no such field"}')


def test_case_34_nothing_reaches_loopback_by_name(receiver: Receiver, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = []
    port = receiver.address.partition(":")[2]
    to = make_destination(url=f"http://localtest.invalid:{port}/")
    to.url = f"http://127.0.0.1:{port}/"
    to.save()

    (delivery,) = queue(to)
    pump()

    assert receiver.taken == []
    assert states([delivery]) == ["FAILED"]
    assert "loopback" in Delivery.objects.get(pk=delivery.pk).note


def test_case_34_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(302, headers={"Location": receiver.url})
    (delivery,) = queue(make_destination(receiver))

    pump()
    pass_time(3600)
    pump()

    assert len(receiver.taken) == 1
    assert states([delivery]) == ["FAILED"]
    assert "Redirects are not followed" in Delivery.objects.get(pk=delivery.pk).note


def test_messages_arrive_in_order_and_once(receiver: Receiver) -> None:
    sent = queue(make_destination(receiver), count=45)

    pump()

    assert receiver.header("X-Event-Id") == [each.message.uid for each in sent]
    assert set(states(sent)) == {"DELIVERED"}
