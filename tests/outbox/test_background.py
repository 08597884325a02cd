"""The pump as a worker runs it: in a thread of its own, over a database that may go away."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError

from integrations.outbox import pump as pumping
from integrations.outbox import tasks
from integrations.outbox.models import Delivery
from tests.outbox.making import make_destination, queue, states
from tests.simulators.receiver import Receiver, Reply

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def background(monkeypatch: pytest.MonkeyPatch) -> Iterator[pumping.Background]:
    made = pumping.Background()
    monkeypatch.setattr(tasks, "background", made)
    monkeypatch.setattr(pumping, "LINGER_SECONDS", 0.0)
    monkeypatch.setattr(pumping, "BROKEN_SECONDS", 0.05)
    yield made
    made.stop(seconds=10)


def ended(deliveries: list[Delivery], *, seconds: float = 20.0) -> list[str]:
    """Return the states once none is open any more. :raises AssertionError: if that takes too long"""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if not {"WAITING", "RETRYING"} & set(found := states(deliveries)):
            return found
        time.sleep(0.05)
    raise AssertionError(f"still {states(deliveries)}")


def test_the_task_returns_at_once_and_the_messages_go_out(background: pumping.Background, receiver: Receiver) -> None:
    receiver.script = [Reply(hang=1.0)]
    sent = queue(make_destination(receiver), count=3)

    started = time.monotonic()
    tasks.deliver()
    took = time.monotonic() - started

    assert took < 0.9
    assert ended(sent) == ["DELIVERED"] * 3


def test_it_begins_anew_for_what_comes_later(background: pumping.Background, receiver: Receiver) -> None:
    to = make_destination(receiver)
    first = queue(to)
    tasks.deliver()
    ended(first)

    later = queue(to)
    tasks.deliver()

    assert ended(later) == ["DELIVERED"]


def test_a_result_is_written_when_the_database_is_back(
    background: pumping.Background, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[int] = []
    record = pumping.record_all  # type: ignore[attr-defined]  # as the pump sees it

    def failing(*args: Any, **kwargs: Any) -> None:
        if len(failures) < 2:
            failures.append(1)
            raise OperationalError("the server closed the connection")
        record(*args, **kwargs)

    monkeypatch.setattr(pumping, "record_all", failing)
    sent = queue(make_destination(receiver))

    tasks.deliver()

    assert ended(sent) == ["DELIVERED"]
    assert len(receiver.taken) == 1


def test_a_stopping_worker_writes_down_what_is_on_its_way_and_sends_no_more(
    background: pumping.Background, receiver: Receiver
) -> None:
    receiver.otherwise = lambda taken: Reply(hang=0.5)
    sent = queue(make_destination(receiver), count=2)
    tasks.deliver()
    receiver.wait_for(1)

    tasks.finish()

    assert states(sent) == ["DELIVERED", "WAITING"]
    assert len(receiver.taken) == 1
