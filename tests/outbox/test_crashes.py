"""A worker that dies at any step: every message arrives, in order, and no more than one of them twice."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from integrations.outbox import pump as pumping
from integrations.outbox import recording
from integrations.outbox.models import Delivery, Destination
from integrations.outbox.rounds import Round
from tests.outbox.making import make_destination, pass_time, pump, queue, states
from tests.simulators.receiver import Receiver

pytestmark = pytest.mark.django_db
MOST_STEPS = 60


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it."""


class Reaper:
    """Counts the steps of a pump, before and after each; kills at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = self.steps = 0
        for place, name in [
            (pumping, "sealed"),
            (pumping, "record_all"),
            (recording, "attempt_of"),
            (Round, "_read"),
            (Round, "leave"),
            (pumping.Pump, "_claim"),
        ]:
            monkeypatch.setattr(place, name, self._watched(getattr(place, name)))

    def _watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._step()
            result = function(*args, **kwargs)
            self._step()
            return result

        return call

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Killed


@pytest.fixture
def reaper(monkeypatch: pytest.MonkeyPatch) -> Reaper:
    return Reaper(monkeypatch)


def survive(reaper: Reaper, *, at: int) -> bool:
    """Pump, killed at step `at`, then again after the lease; say whether there was such a step."""
    reaper.at, reaper.steps = at, 0
    try:
        pump()
    except Killed:
        reaper.at = 0
        pass_time(61)
        pump()
        return True
    return False


def test_case_42_a_kill_at_any_step_loses_nothing_and_repeats_one_at_most(receiver: Receiver, reaper: Reaper) -> None:
    to = make_destination(receiver)
    for step in range(1, MOST_STEPS):
        receiver.taken.clear()
        sent = queue(to, count=3)
        uids = [each.message.uid for each in sent]

        was_killed = survive(reaper, at=step)

        came = receiver.header("X-Event-Id")
        assert set(states(sent)) == {"DELIVERED"}, step
        assert list(dict.fromkeys(came)) == uids, step
        assert len(came) <= len(uids) + 1, step
        assert Destination.objects.get().state == "DONE", step
        if not was_killed:
            assert step > 20
            return
    raise AssertionError("a delivery takes too many steps")


def test_what_may_have_arrived_comes_again_under_the_next_number(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*args: Any, **kwargs: Any) -> None:
        raise Killed

    (delivery,) = queue(make_destination(receiver))
    with monkeypatch.context() as patch:
        patch.setattr(pumping, "record_all", killed)
        with pytest.raises(Killed):
            pump()
    pass_time(61)

    pump()

    assert len(set(receiver.header("X-Event-Id"))) == 1
    assert len(set(receiver.header("webhook-id"))) == 1
    assert receiver.header("X-Delivery-Attempt") == ["1", "2"]
    assert Delivery.objects.get(pk=delivery.pk).attempts == 2


def test_a_result_counts_although_the_lease_was_lost(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    (delivery,) = queue(make_destination(receiver))
    record = recording.record_all

    def late(*args: Any, **kwargs: Any) -> None:
        Destination.objects.update(claim_token=uuid4(), note="Of another worker.")
        record(*args, **kwargs)

    monkeypatch.setattr(pumping, "record_all", late)
    pump()

    assert states([delivery]) == ["DELIVERED"]
    assert Destination.objects.get().note == "Of another worker."


@pytest.mark.django_db(transaction=True)
def test_a_deleted_delivery_does_not_lose_the_results_of_others(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = queue(make_destination(receiver, concurrency=2), count=2)
    record = recording.record

    def deleted(landed: Any, **kwargs: Any) -> None:
        Delivery.objects.filter(pk=first.pk).delete()
        record(landed, **kwargs)

    monkeypatch.setattr(recording, "record", deleted)
    pump()

    assert Delivery.objects.get().pk == second.pk
    assert states([second]) == ["DELIVERED"]
