"""One runner for each connection, whatever dies."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection as database

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.work import LeaseLost, lease
from integrations.events.models import Event
from integrations.platforms.omni import leases
from integrations.platforms.omni.models import State, Subscription
from integrations.platforms.omni.runner import Runner, ensure_rows, follow
from tests.factories import make_connection
from tests.platforms.omni.conftest import NOON, make_omni
from tests.simulators.running import RunningOmni

PATIENCE = 15.0


def until(condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.django_db
def test_a_lease_is_held_by_one_and_taken_over_when_it_ends() -> None:
    row = Subscription.objects.create(connection=make_connection(platform="omni"))
    first, second = uuid4(), uuid4()

    assert leases.take(row.pk, token=first, now=NOON)
    assert leases.take(row.pk, token=first, now=NOON)
    assert not leases.take(row.pk, token=second, now=NOON + timedelta(seconds=1))
    assert leases.renew(row.pk, token=first, now=NOON + lease() / 2)
    assert not leases.take(row.pk, token=second, now=NOON + lease())
    assert leases.take(row.pk, token=second, now=NOON + lease() * 2)
    assert not leases.renew(row.pk, token=first, now=NOON + lease() * 2)

    leases.release(row.pk, token=first)
    assert Subscription.objects.get().holder == second
    leases.release(row.pk, token=second)
    assert leases.take(row.pk, token=first, now=NOON + lease() * 2)


@pytest.mark.django_db
def test_whoever_lost_the_lease_stops_and_writes_nothing(
    platform: RunningOmni, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Subscription.objects.create(connection=make_omni(platform))
    assert leases.take(row.pk, token=uuid4(), now=clock.now())

    ticks = iter(range(0, 10_000, 100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(ticks)))

    with pytest.raises(LeaseLost):
        follow(row.pk, token=uuid4(), stopping=threading.Event())

    row.refresh_from_db()
    assert (row.state, row.endpoint_id) == (State.WAITING, "")
    assert platform.control.changes() == []


@pytest.mark.django_db
def test_each_connection_of_this_platform_has_one_row() -> None:
    make_connection(platform="omni")
    make_connection(platform="worklink")
    ensure_rows()
    ensure_rows()

    assert Subscription.objects.count() == 1


@pytest.fixture
def running(transactional_db: None) -> Iterator[Callable[[], Runner]]:
    """Start runners, each in a thread; all are stopped at the end."""
    made: list[tuple[Runner, threading.Thread]] = []

    def run(runner: Runner) -> None:
        try:
            runner.run()
        finally:
            database.close()

    def start() -> Runner:
        runner = Runner()
        thread = threading.Thread(target=run, args=[runner])
        thread.start()
        made.append((runner, thread))
        return runner

    yield start
    for runner, thread in made:
        runner.stop()
        thread.join(PATIENCE)


@pytest.mark.django_db(transaction=True)
def test_two_runners_follow_a_platform_once_and_the_other_takes_over_after_a_clean_stop(
    platform: RunningOmni, running: Callable[[], Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.platforms.omni.runner.LOOK_SECONDS", 0.05)
    make_omni(platform)
    sockets = platform.control.state.pushing.sockets
    runners = [running(), running()]
    assert until(lambda: Subscription.objects.filter(state=State.LIVE).exists())
    assert len(sockets) == 1
    platform.control.happen("roi")
    assert until(lambda: Event.objects.count() == 1)

    holder = Subscription.objects.get().holder
    next(each for each in runners if each._token == holder).stop()
    assert until(lambda: Subscription.objects.get().holder not in (holder, None))
    assert until(lambda: len(sockets) == 1)
    platform.control.happen("roi")

    assert until(lambda: Event.objects.count() == 2)
    assert len(platform.control.state.endpoints) == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_deleted_is_left(
    platform: RunningOmni, running: Callable[[], Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.platforms.omni.runner.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("integrations.platforms.omni.following.LOOKED_AT_EVERY", timedelta(0))
    made = make_omni(platform)
    running()
    assert until(lambda: Subscription.objects.filter(state=State.LIVE).exists())

    Connection.objects.filter(pk=made.pk).delete()

    assert until(lambda: not platform.control.state.pushing.sockets)
    assert not Subscription.objects.exists()
