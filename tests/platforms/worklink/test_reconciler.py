"""Finding what no webhook told of: paging, windows, crashes, what is left alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.errors import FieldportError
from integrations.core.work import WorkState
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh
from integrations.platforms.worklink import reconciler
from integrations.platforms.worklink.models import Reconciliation, ScenarioSession
from integrations.schedules import jobs as schedules
from integrations.schedules.models import ScheduledJob
from tests.platforms.worklink.house import House

SESSIONS = "ScenarioSession"


@pytest.fixture(autouse=True)
def _nobody_listens(house: House) -> None:
    house.cms.listen()


def run_of(resource_type: str = SESSIONS) -> Reconciliation:
    return Reconciliation.objects.filter(resource_type=resource_type).latest("pk")


def started(house: House, *, days: float, **values: Any) -> str:
    """A session that started so long ago."""
    at = (timezone.now() - timedelta(days=days)).isoformat().replace("+00:00", "Z")
    session = house.cms.start_session({"work_order_id": "WO-1"}, **values)
    house.cms.set_fields(session, {"startedAt": at}, notify=None)
    return session


@pytest.mark.parametrize("by_cursor", [True, False])
def test_260_sessions_are_found_page_by_page_and_not_again(house: House, by_cursor: bool) -> None:
    house.cms.set_settings(paging_by_cursor=by_cursor)
    house.cms.create_sessions(260, steps=1, finish=True)

    house.reconcile()
    assert ResourceRefresh.objects.count() == 260
    assert (run_of().untold, run_of().total) == (260, 260)
    if by_cursor:
        assert (run_of().pages, run_of().seen) == (11, 260)
    ResourceRefresh.objects.update(state=WorkState.DONE)
    now = clock.now()
    rows = [
        ScenarioSession(
            connection=house.connection,
            resource_id=row.resource_id,
            read_at=now - timedelta(seconds=1),
            started_at=now,
            ended_at=now,
            vendor_state="COMPLETED",
        )
        for row in ResourceRefresh.objects.all()
    ]
    ScenarioSession.objects.bulk_create(rows)

    house.reconcile()

    assert run_of().untold == 0
    assert not ResourceRefresh.objects.exclude(state=WorkState.DONE).exists()


def test_the_walk_stops_before_what_is_too_old(house: House) -> None:
    house.connection.settings |= {"page_size": 2}
    house.connection.save()
    recent = [started(house, days=days) for days in (1, 2, 3)]
    for days in range(100, 110):
        started(house, days=days)

    house.reconcile()

    assert set(ResourceRefresh.objects.values_list("resource_id", flat=True)) == set(recent)
    assert run_of().seen == 3
    assert run_of().pages <= 3


def test_persistent_sessions_are_looked_for_60_days_back(house: House) -> None:
    persistent = started(house, days=30, session_type="PERSISTENT")
    started(house, days=30, session_type="PASSIVE")
    started(house, days=90, session_type="PERSISTENT")

    house.reconcile()

    assert [row.resource_id for row in ResourceRefresh.objects.all()] == [persistent]


def test_the_deep_look_is_taken_once_a_day(house: House) -> None:
    house.reconcile()
    assert run_of().since - run_of().since_persistent > timedelta(days=50)

    house.reconcile()

    assert run_of().since == run_of().since_persistent


def test_a_walk_that_was_interrupted_goes_on_where_it_stopped(house: House) -> None:
    house.cms.create_sessions(60, steps=1)
    house.cms.fault("status", operation="PortalScenarioSessionList", after=1, times=1, status=500)
    with pytest.raises(FieldportError):
        house.reconcile()
    half = run_of()
    assert (half.seen, half.finished_at) == (25, None)

    house.reconcile()

    assert run_of().pk == half.pk
    assert (run_of().seen, run_of().pages) == (60, 3)
    assert ResourceRefresh.objects.count() == 60
    lists = house.cms.fetches("PortalScenarioSessionList")
    assert lists == 4  # one of them failed


def test_a_position_the_server_forgot_does_not_stop_the_next_run(house: House) -> None:
    house.cms.create_sessions(30, steps=1)
    now = clock.now()
    run = Reconciliation.objects.create(
        connection=house.connection,
        resource_type=SESSIONS,
        cursor="forgotten",
        since=now - timedelta(days=7),
        since_persistent=now - timedelta(days=7),
    )
    with pytest.raises(FieldportError):
        house.reconcile()

    house.reconcile()

    assert run_of().pk == run.pk
    assert run_of().finished_at is not None
    assert ResourceRefresh.objects.count() == 30


def test_a_state_that_changed_without_a_webhook_is_read_again(house: House) -> None:
    session = house.cms.start_session({"work_order_id": "WO-1"})
    house.reconcile()
    house.work()
    assert ScenarioSession.objects.get().outcome == "open"
    house.cms.view_steps(session, count=5)
    house.cms.finish_session(session)

    house.reconcile()
    house.pass_time(seconds=6)
    house.work()

    assert ScenarioSession.objects.get().outcome == "completed"
    assert run_of().untold == 1


def test_open_sessions_are_read_again_even_if_the_list_shows_no_change(house: House) -> None:
    session = house.cms.start_session({"work_order_id": "WO-1"})
    house.reconcile()
    house.work()
    house.cms.answer(session)
    house.cms.set_fields(session, {"state": "CREATED"}, notify=None)
    ScenarioSession.objects.update(read_at=clock.now() - timedelta(hours=1))
    reads = house.reads()

    said = house.reconcile()
    house.pass_time(seconds=6)
    house.work()

    assert "1 open ones" in said
    assert house.reads() == reads + 1
    assert run_of().untold <= 1


def test_what_failed_for_good_is_left_alone_for_hours(house: House) -> None:
    session = house.run_session()
    house.reconcile()
    ResourceRefresh.objects.update(state=WorkState.FAILED, finished_at=clock.now())

    house.reconcile()
    assert ResourceRefresh.objects.get().state == WorkState.FAILED

    ResourceRefresh.objects.update(finished_at=clock.now() - timedelta(hours=7))
    house.reconcile()
    assert ResourceRefresh.objects.get().state == WorkState.DUE
    assert ResourceRefresh.objects.get().resource_id == session


def test_a_server_without_lists_says_so(house: House) -> None:
    house.cms.set_settings(removed_fields=("Query.calls",))

    house.reconcile()

    assert "no list of calls" in run_of("CallSession").note
    assert "Query.calls" in house.now().probe["missing"]


def test_one_connection_that_fails_does_not_stop_the_others(house: House) -> None:
    Connection.objects.create(slug="a-broken", name="Broken", platform="worklink", base_url="http://127.0.0.1:1")
    Connection.objects.create(slug="paused", name="Paused", platform="worklink", paused=True)
    house.run_session()
    schedules.ensure_rows()
    ScheduledJob.objects.exclude(name="worklink.reconcile").delete()
    row = ScheduledJob.objects.get()
    claim = ScheduledJob.objects.claim(row.pk, now=clock.now() + timedelta(seconds=1))
    assert claim is not None

    said = reconciler.reconcile_all(claim)

    assert "Broken: " in said
    assert "Paused" not in said
    assert "WorkLink: 1 sessions seen, 1 untold" in said
    assert ResourceRefresh.objects.filter(connection=house.connection).count() == 1
    assert not ReceivedWebhook.objects.exists()


def test_25_sessions_that_are_known_cost_no_query_each(
    house: House, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    house.reconcile()
    house.cms.create_sessions(25, steps=1)
    house.reconcile()
    ResourceRefresh.objects.update(state=WorkState.DUE)

    with django_assert_max_num_queries(40):
        house.reconcile()
