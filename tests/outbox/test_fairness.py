"""A receiver that hangs, drips or is dead holds up nobody else: acceptance case 35."""

import time
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from integrations.outbox.models import Attempt, Delivery, Destination
from tests.outbox.conftest import NewReceiver
from tests.outbox.making import make_destination, pass_time, pump, queue, states
from tests.simulators.receiver import Receiver, Reply, Taken

pytestmark = pytest.mark.django_db


def released_by(healthy: Receiver, hanging: Receiver, *, after: int) -> Callable[[Taken], Reply]:
    """The healthy one lets the other go with its last message: were it held up, that would never come."""

    def answer(taken: Taken) -> Reply:
        if len(healthy.taken) == after:
            hanging.let_go.set()
        return Reply()

    return answer


def test_case_35_a_healthy_receiver_has_all_while_eight_others_hang(new_receiver: NewReceiver) -> None:
    healthy, hanging = new_receiver(), new_receiver()
    healthy.otherwise = released_by(healthy, hanging, after=100)
    hanging.otherwise = lambda taken: Reply(hang=10)
    dead = [make_destination(hanging) for _ in range(8)]
    for each in dead:
        queue(each)
    sent = queue(make_destination(healthy), count=100)

    started = time.monotonic()
    pump(senders=16)

    assert set(states(sent)) == {"DELIVERED"}
    assert healthy.taken[-1].at - started < 9
    assert len(hanging.taken) == 8
    assert Attempt.objects.filter(delivery__destination__in=dead, delivered=True).count() == 8


def test_those_that_failed_last_share_half_of_the_senders(new_receiver: NewReceiver) -> None:
    healthy, hanging = new_receiver(), new_receiver()
    healthy.otherwise = released_by(healthy, hanging, after=20)
    seen: list[int] = []

    def hang(taken: Taken) -> Reply:
        seen.append(len(healthy.taken))
        return Reply(hang=10)

    hanging.otherwise = hang
    for _ in range(12):
        queue(make_destination(hanging))
    Destination.objects.update(doubtful=True)
    pass_time(60)  # they are the longest due
    queue(make_destination(healthy), count=20)

    pump(senders=4)

    assert len(healthy.taken) == 20
    assert sum(count < 20 for count in seen) == 2


def test_a_hanging_receiver_costs_its_time_limit_and_is_tried_again(receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(hang=5)
    (delivery,) = queue(make_destination(receiver, total_seconds=0.3))

    started = time.monotonic()
    pump()

    assert time.monotonic() - started < 4
    found = Delivery.objects.get(pk=delivery.pk)
    assert found.state == "RETRYING"
    assert "no complete answer" in found.note
    assert Destination.objects.get().doubtful


def test_a_2xx_is_a_delivery_however_its_body_drips(receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(200, b"x" * 100, drip=0.2)
    (delivery,) = queue(make_destination(receiver, total_seconds=0.6))

    started = time.monotonic()
    pump()

    assert states([delivery]) == ["DELIVERED"]
    assert time.monotonic() - started < 4


def test_no_more_than_64_kib_of_an_answer_are_read(receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(200, b"y" * 20_000_000)
    first, second = queue(make_destination(receiver), count=2)

    pump()

    assert states([first, second]) == ["DELIVERED", "DELIVERED"]
    assert len(Attempt.objects.get(delivery=first).answer["body"]) == 400


def test_a_connection_that_breaks_is_tried_again(receiver: Receiver) -> None:
    receiver.script = [Reply(drop=True)]
    (delivery,) = queue(make_destination(receiver))

    pump()
    pass_time(2)
    pump()

    assert states([delivery]) == ["DELIVERED"]
    assert receiver.header("X-Delivery-Attempt") == ["1", "2"]


def test_nobody_listening_is_tried_again(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1:9"]
    (delivery,) = queue(make_destination(url="http://127.0.0.1:9/"))

    pump()

    found = Delivery.objects.get(pk=delivery.pk)
    assert found.state == "RETRYING"
    assert "Nothing was sent" in found.note
