"""Order, those aside, the breaker, what expires."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from integrations.core import clock
from integrations.outbox import backlog
from integrations.outbox.models import Attempt, Delivery, Destination
from integrations.outbox.services import destinations
from tests.outbox.making import make_destination, pass_time, pump, queue, states
from tests.simulators.receiver import Receiver, Reply, Taken

pytestmark = pytest.mark.django_db


def failing_for(uid: str) -> Callable[[Taken], Reply]:
    return lambda taken: Reply(500 if taken.headers["x-event-id"] == uid else 200)


def test_a_failing_message_holds_up_those_behind_it_and_then_goes_aside(receiver: Receiver) -> None:
    first, second = queue(make_destination(receiver), count=2)
    receiver.otherwise = failing_for(first.message.uid)

    for _ in range(3):
        pump()
        assert set(receiver.header("X-Event-Id")) == {first.message.uid}
        pass_time(37)
    pump()

    assert receiver.header("X-Event-Id") == [first.message.uid] * 4 + [second.message.uid]
    assert states([first, second]) == ["RETRYING", "DELIVERED"]
    assert Delivery.objects.get(pk=first.pk).aside


def test_one_aside_is_tried_at_its_own_time(receiver: Receiver) -> None:
    first, second = queue(make_destination(receiver), count=2)
    receiver.otherwise = failing_for(first.message.uid)
    for _ in range(4):
        pump()
        pass_time(37)
    receiver.otherwise = lambda taken: Reply()

    pump()
    before = states([first])
    pass_time(150)
    pump()

    assert (before, states([first, second])) == (["RETRYING"], ["DELIVERED", "DELIVERED"])
    assert receiver.header("X-Delivery-Attempt")[-1] == "5"


def test_after_a_day_of_tries_a_delivery_has_failed(receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(503)
    (delivery,) = queue(make_destination(receiver))
    pump()
    pass_time(24 * 3600 - 1)

    pump()

    assert states([delivery]) == ["FAILED"]
    assert Delivery.objects.get(pk=delivery.pk).note.startswith("Tried for 24 hours; the last time: Answered 503")


def test_retry_after_lets_the_whole_destination_rest(receiver: Receiver) -> None:
    receiver.script = [Reply(429, headers={"Retry-After": "600"})]
    first, second = queue(make_destination(receiver), count=2)

    pump()
    pass_time(590)
    pump()
    early = len(receiver.taken)
    pass_time(15)
    pump()

    assert early == 1
    assert states([first, second]) == ["DELIVERED", "DELIVERED"]


def test_twenty_failures_in_a_row_suspend_a_destination_and_a_minute_brings_one_probe(receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(410)
    to = make_destination(receiver)
    sent = queue(to, count=25)

    pump()
    to.refresh_from_db()
    suspended_at, tried = to.suspended_at, len(receiver.taken)
    pass_time(61)
    pump()
    probes = len(receiver.taken) - tried
    receiver.otherwise = lambda taken: Reply()
    pass_time(61)
    pump()

    to.refresh_from_db()
    assert (tried, probes) == (20, 1)
    assert suspended_at is not None
    assert (to.suspended_at, to.failures) == (None, 0)
    assert states(sent) == ["FAILED"] * 21 + ["DELIVERED"] * 4
    assert Destination.objects.get(pk=to.pk).last_status == 200


def test_new_messages_do_not_hurry_a_suspended_destination(receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(410)
    to = make_destination(receiver)
    queue(to, count=21)
    pump()

    queue(to)
    pump()

    assert len(receiver.taken) == 20
    assert "20 failures in a row" in Destination.objects.get(pk=to.pk).note


def test_those_aside_are_tried_at_once_when_a_suspended_destination_recovers(receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(500)
    to = make_destination(receiver)
    sent = queue(to, count=6)
    while Destination.objects.get(pk=to.pk).suspended_at is None:
        pump()
        pass_time(37)
    receiver.otherwise = lambda taken: Reply()
    pass_time(61)

    pump()

    assert set(states(sent)) == {"DELIVERED"}
    assert Attempt.objects.count() == 20 + 6


def test_what_waited_for_a_day_expires_and_can_still_be_read(receiver: Receiver) -> None:
    to = make_destination(receiver, enabled=False)
    old = queue(to, count=3, body='{"kept": true}')
    pass_time(24 * 3600 + 1)
    new = queue(to)

    expired = backlog.expire()
    destinations.switch(to, enabled=True, now=clock.now())
    pump()

    assert expired == 3
    assert states([*old, *new]) == ["EXPIRED"] * 3 + ["DELIVERED"]
    assert receiver.header("X-Event-Id") == [new[0].message.uid]
    assert Delivery.objects.get(pk=old[0].pk).message.body == '{"kept": true}'


def test_beyond_the_cap_the_oldest_expire(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "MOST_WAITING", 5)
    sent = queue(make_destination(receiver, enabled=False), count=8)

    assert backlog.expire() == 3

    assert states(sent) == ["EXPIRED"] * 3 + ["WAITING"] * 5


def test_a_disabled_destination_keeps_what_comes_and_sends_it_in_order_later(receiver: Receiver) -> None:
    to = make_destination(receiver)
    destinations.switch(to, enabled=False, now=clock.now())
    sent = queue(to, count=3)
    pump()
    meanwhile = list(receiver.taken)

    destinations.switch(to, enabled=True, now=clock.now())
    pump()

    assert meanwhile == []
    assert receiver.header("X-Event-Id") == [each.message.uid for each in sent]


def test_a_dropped_backlog_is_not_sent(receiver: Receiver) -> None:
    to = make_destination(receiver)
    sent = queue(to, count=2)

    assert destinations.drop_backlog(to, by="Ann", now=clock.now()) == 2
    pump()

    assert receiver.taken == []
    assert states(sent) == ["DROPPED"] * 2
    assert Delivery.objects.get(pk=sent[0].pk).note == "Dropped by Ann."


def test_the_rate_is_kept_from_one_turn_to_the_next(receiver: Receiver) -> None:
    to = make_destination(receiver, rate_per_second=10)
    began = time.monotonic()

    queue(to, count=3)
    pump()
    queue(to, count=2)
    while len(receiver.taken) < 5:
        pump()

    assert len(receiver.taken) == 5
    assert time.monotonic() - began > 0.38, "four gaps of 0.1 s; a slow machine only makes them longer"


def test_more_than_one_at_a_time_where_that_is_allowed(receiver: Receiver) -> None:
    held: list[Taken] = []

    def together(taken: Taken) -> Reply:
        held.append(taken)
        return Reply(hang=0.3)

    receiver.otherwise = together
    queue(make_destination(receiver, concurrency=4), count=4)

    pump()

    assert max(each.at for each in held) - min(each.at for each in held) < 0.25


def test_an_old_message_resumes_after_a_pause_of_the_installation(receiver: Receiver, settings: Settings) -> None:
    settings.OUTBOUND = "off"
    (delivery,) = queue(make_destination(receiver))
    pump()
    waiting = states([delivery])
    settings.OUTBOUND = "live"
    pass_time(timedelta(seconds=31).total_seconds())
    pump()

    assert (waiting, states([delivery])) == (["WAITING"], ["DELIVERED"])
    assert receiver.header("X-Delivery-Attempt") == ["1"]


def test_in_capture_mode_nothing_leaves(receiver: Receiver, settings: Settings) -> None:
    settings.OUTBOUND = "capture"
    (delivery,) = queue(make_destination(receiver))

    pump()

    assert receiver.taken == []
    assert states([delivery]) == ["DROPPED"]
    assert "capture mode" in Delivery.objects.get(pk=delivery.pk).note
