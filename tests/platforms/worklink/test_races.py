"""Two workers at one object, and a worker that dies between two steps."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from integrations.core import clock
from integrations.core.platforms import Fetch
from integrations.core.work import WorkState
from integrations.inbox.models import ResourceRefresh
from integrations.platforms.worklink import photos
from integrations.platforms.worklink.adapter import WorkLinkAdapter
from integrations.platforms.worklink.models import PhotoDownload, ScenarioSession
from integrations.workorders import services as workorders
from integrations.workorders.models import Join, Photo, WorkOrder
from tests.platforms.worklink.house import House


@pytest.fixture
def house(house_with_door: House) -> House:
    return house_with_door


class Killed(BaseException):
    """The worker dies here."""


def fetch(house: House, session: str, *, later: float = 0.0, replay: bool = False) -> str:
    order = Fetch(
        connection_id=house.connection.pk,
        resource_type="ScenarioSession",
        resource_id=session,
        started_at=clock.now() + timedelta(seconds=later),
        replay=replay,
    )
    return WorkLinkAdapter().fetch(order).note


def in_threads(*calls: Callable[[], Any]) -> list[Any]:
    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.postgres
def test_workers_that_read_a_new_session_at_once_store_and_publish_it_once(house: House) -> None:
    house.cms.listen()
    session = house.run_session()
    fetch(house, house.run_session({"work_order_id": "other"}))  # the server is probed

    in_threads(*[lambda number=number: fetch(house, session, later=number) for number in range(6)])

    assert ScenarioSession.objects.filter(resource_id=session).count() == 1
    assert house.event_types() == ["session.joined", "session.joined"]
    assert (Join.objects.count(), WorkOrder.objects.count()) == (2, 2)


@pytest.mark.postgres
def test_an_operator_who_assigns_a_session_while_it_is_read_waits_for_the_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.cms.listen()
    session = house.run_session({"work_order_id": ""})
    fetch(house, session)
    shown, stored = Join.objects.get(), threading.Event()
    order = WorkOrder.objects.create(workspace_id=shown.workspace_id)
    join = workorders.join

    def slow_join(**values: Any) -> Any:
        stored.set()
        time.sleep(0.5)  # the operator has locked by now what is free
        return join(**values)

    def assign() -> None:
        assert stored.wait(10)
        workorders.assign(shown, order, by="olga", now=clock.now())

    monkeypatch.setattr(workorders, "join", slow_join)
    in_threads(lambda: fetch(house, session, later=5, replay=True), assign)

    assert Join.objects.get().work_order == order
    assert house.session().subject == order.subject
    assert house.event_types() == ["session.joined"]


def test_a_worker_that_dies_after_storing_publishes_nothing_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.run_session()
    assert house.cms.wait_for_webhooks()
    house.process()
    with monkeypatch.context() as patched:
        patched.setattr("integrations.inbox.jobs._fetched", _die)
        with pytest.raises(Killed):
            house.read()
    assert house.refreshed().state == WorkState.RUNNING

    house.pass_time(minutes=2)
    house.work()

    assert house.refreshed().state == WorkState.DONE
    assert house.event_types() == ["session.joined"]
    assert house.session().generation == 1


def test_a_worker_that_dies_before_the_commit_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.run_session()
    assert house.cms.wait_for_webhooks()
    house.process()
    with monkeypatch.context() as patched:
        patched.setattr("integrations.platforms.worklink.taking.events.publish", _die)
        with pytest.raises(Killed):
            house.read()
    assert not ScenarioSession.objects.exists()
    assert not Join.objects.exists()

    house.pass_time(minutes=2)
    house.work()

    assert house.event_types() == ["session.joined"]


def test_a_worker_that_dies_after_keeping_a_photo_keeps_it_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    session = house.cms.start_session({"work_order_id": "WO-1"})
    house.cms.take_photo(session)
    assert house.cms.wait_for_webhooks()
    house.process()
    house.read()
    with monkeypatch.context() as patched:
        patched.setattr(photos, "photo_subject", _die)
        with pytest.raises(Killed):
            house.work()
    assert Photo.objects.count() == 1

    house.pass_time(minutes=2)
    house.work()

    assert PhotoDownload.objects.get().state == WorkState.DONE
    assert Photo.objects.count() == 1
    assert house.event_types().count("photo.stored") == 1


def test_a_webhook_during_the_read_it_concerns_makes_another_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = house.cms.start_session({"work_order_id": "WO-1"})
    assert house.cms.wait_for_webhooks()
    house.process()
    read = WorkLinkAdapter.fetch

    def changed_meanwhile(self: WorkLinkAdapter, order: Fetch) -> Any:
        fetched = read(self, order)
        monkeypatch.undo()
        house.cms.finish_session(session)
        assert house.cms.wait_for_webhooks()
        house.process()
        return fetched

    monkeypatch.setattr(WorkLinkAdapter, "fetch", changed_meanwhile)
    house.read()
    assert ResourceRefresh.objects.get().state == WorkState.DUE

    house.pass_time(seconds=6)
    house.work()

    assert house.session().ended_at is not None
    assert house.event_types() == ["session.joined", "session.updated"]


def _die(*_: Any, **__: Any) -> None:
    raise Killed
