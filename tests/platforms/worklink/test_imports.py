"""Importing whole sessions and calls: pages, periods, repeats, crashes, what has no effect."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.core import clock
from integrations.core.drain import drain
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.inbox.models import ResourceRefresh
from integrations.platforms.worklink import asking, importing, taking, taking_pages
from integrations.platforms.worklink.models import CallSession, ImportJob, ImportSchedule, ScenarioSession
from integrations.workorders.models import Join
from tests.platforms.worklink.house import House

IMPORT = "PortalScenarioSessionImport"


@pytest.fixture(autouse=True)
def _nobody_listens(house: House) -> None:
    house.cms.listen()


def imported(house: House, **values: Any) -> ImportJob:
    """An import of all there is, or of a period, done."""
    return worked(ImportJob.objects.create(connection=house.connection, **values))


def worked(job: ImportJob) -> ImportJob:
    drain(ImportJob, importing.run)
    return ImportJob.objects.get(pk=job.pk)


def started_on(house: House, day: int, **values: Any) -> str:
    """A finished session of a day in 2020."""
    session = house.run_session({"work_order_id": f"WO-{day}"}, steps=1, **values)
    times = {name: f"2020-01-{day:02d}T{hour:02d}:00:00Z" for name, hour in (("startedAt", 8), ("endedAt", 9))}
    house.cms.set_fields(session, times, notify=None)
    return session


def test_260_sessions_come_in_11_pages_and_a_second_run_changes_none(house: House) -> None:
    house.cms.set_settings(generated_sessions=260)

    first = imported(house)
    second = imported(house)

    assert (first.state, first.pages, first.seen, first.changed) == (WorkState.DONE, 11, 260, 260)
    assert (second.state, second.pages, second.seen, second.changed) == (WorkState.DONE, 11, 260, 0)
    assert ScenarioSession.objects.count() == Event.objects.count() == 260
    assert ScenarioSession.objects.exclude(generation=1).count() == 0
    assert (house.cms.fetches(IMPORT), house.reads()) == (22, 0)


def test_what_is_imported_is_joined_and_published_as_what_a_webhook_told(house: House) -> None:
    house.run_session()

    imported(house)
    imported(house)

    assert ScenarioSession.objects.get().outcome == "completed"
    assert Join.objects.get().work_order is not None
    assert list(Event.objects.values_list("type", flat=True)) == ["session.joined"]


def test_calls_are_imported_with_their_participants(house: House) -> None:
    call = house.cms.start_call({"service_request_id": "SR-1"})
    house.cms.connect_call(call)
    house.cms.end_call(call)

    job = imported(house, resource_type="CallSession")

    assert (job.seen, job.changed) == (1, 1)
    assert len(CallSession.objects.get().participants) == 2


def test_a_list_that_is_longer_than_a_page_is_completed(house: House) -> None:
    house.connection.settings |= {"nested_page_size": 2}
    house.connection.save()
    house.run_session(steps=5)

    job = imported(house)

    document = ScenarioSession.objects.get().document
    assert len(document["steps"]["nodes"]) == 5
    assert len(document["events"]["nodes"]) == 7
    assert (job.incomplete, house.cms.fetches(IMPORT)) == (0, 1)


def test_only_the_period_is_imported_and_what_lies_after_it_is_not_read_whole(house: House) -> None:
    house.connection.settings |= {"page_size": 2}
    house.connection.save()
    meant = {started_on(house, day) for day in (11, 12, 13)}
    for day in (5, 6, 7, 20, 21):
        started_on(house, day)
    house.cms.create_sessions(100, steps=1)

    job = imported(house, since=at(11), since_persistent=at(11), until=at(14))

    assert set(ScenarioSession.objects.values_list("resource_id", flat=True)) == meant
    assert (job.seen, job.state) == (3, WorkState.DONE)
    assert house.cms.fetches(IMPORT) <= 4


def at(day: int) -> datetime:
    return datetime(2020, 1, day, tzinfo=UTC)


def test_only_what_changed_counts_and_is_published_again(house: House) -> None:
    sessions = [house.run_session({"work_order_id": f"WO-{number}"}) for number in range(3)]
    imported(house)
    house.cms.set_fields(sessions[1], {"idleDuration": 7.0}, notify=None)

    job = imported(house)

    assert (job.seen, job.changed) == (3, 1)
    assert [row.generation for row in ScenarioSession.objects.order_by("pk")] == [1, 2, 1]
    assert Event.objects.filter(type="session.updated").count() == 1


def test_a_server_that_fails_is_asked_again_where_the_import_stopped(house: House) -> None:
    house.cms.set_settings(generated_sessions=60)
    house.cms.fault("status", operation=IMPORT, after=1, times=1, status=500)
    job = imported(house)
    assert (job.state, job.seen, bool(job.cursor)) == (WorkState.DUE, 25, True)

    ImportJob.objects.update(due_at=clock.now())
    job = worked(job)

    assert (job.state, job.pages, job.seen, job.changed) == (WorkState.DONE, 3, 60, 60)
    assert house.cms.fetches(IMPORT) == 4


def test_a_worker_that_dies_within_a_page_loses_and_doubles_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.cms.set_settings(generated_sessions=60)
    job = ImportJob.objects.create(connection=house.connection)
    real, calls = taking.take, []

    def dying(*args: Any, **values: Any) -> Any:
        calls.append(args)
        if len(calls) == 40:
            raise KeyboardInterrupt  # as abrupt as an exception can be: no handler of ours catches it
        return real(*args, **values)

    monkeypatch.setattr(taking_pages, "take", dying)
    with pytest.raises(KeyboardInterrupt):
        drain(ImportJob, importing.run)
    ImportJob.objects.update(due_at=clock.now() - timedelta(seconds=1))
    half = ImportJob.objects.get()
    assert (half.state, half.pages, half.seen) == (WorkState.RUNNING, 1, 25)

    job = worked(job)

    assert (job.state, job.pages, job.seen, job.deaths) == (WorkState.DONE, 3, 60, 0)
    assert ScenarioSession.objects.count() == Event.objects.count() == 60


def test_an_import_that_was_stopped_reads_nothing_more_until_it_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.cms.set_settings(generated_sessions=60)
    monkeypatch.setattr(importing, "BUDGET_SECONDS", 0.0)
    job = ImportJob.objects.create(connection=house.connection)
    drain(ImportJob, importing.run, budget=0)
    asking.stop(job, by="anna")
    asked = house.cms.fetches(IMPORT)

    job = worked(job)

    assert (job.state, job.note) == (WorkState.SKIPPED, "Stopped by anna.")
    assert house.cms.fetches(IMPORT) == asked
    monkeypatch.setattr(importing, "BUDGET_SECONDS", 20.0)
    asking.go_on(job)
    assert worked(job).seen == 60


def test_a_position_that_the_server_forgot_begins_anew_and_changes_nothing_twice(house: House) -> None:
    house.cms.set_settings(generated_sessions=30)
    job = imported(house, cursor="forgotten")
    assert (job.state, job.cursor) == (WorkState.DUE, "")
    assert "Invalid cursor" in job.note

    ImportJob.objects.update(due_at=clock.now())

    assert worked(job).seen == ScenarioSession.objects.count() == 30


def test_a_server_without_the_list_says_so_and_nothing_is_stored(house: House) -> None:
    house.cms.set_settings(removed_fields=("Query.calls",))

    job = imported(house, resource_type="CallSession")

    assert job.state == WorkState.FAILED
    assert "no list of calls" in job.note
    assert not CallSession.objects.exists()


def test_the_clock_asks_for_sessions_and_calls_from_the_last_import_on(house: House) -> None:
    schedule = ImportSchedule.objects.create(connection=house.connection, cron="0 3 * * *")
    claim: Any = None
    assert asking.start_due(claim) == "No import is due."
    due = ImportSchedule.objects.get().next_at
    assert due is not None
    assert due > timezone.now()
    ImportSchedule.objects.update(next_at=timezone.now())

    said = asking.start_due(claim)

    assert said == "WorkLink: sessions. WorkLink: calls."
    jobs = list(ImportJob.objects.all())
    assert {job.since for job in jobs} == {house.connection.write_from - timedelta(days=7)}
    drain(ImportJob, importing.run)
    assert asking.start_due(claim) == "No import is due."
    again = asking.scheduled(schedule.connection)
    assert {job.since for job in again} == {job.created_at - timedelta(days=7) for job in jobs}
    assert asking.scheduled(schedule.connection) == []


def test_an_import_by_the_clock_has_open_sessions_read_again(house: House) -> None:
    house.cms.start_session({"work_order_id": "WO-1"})
    imported(house)
    ScenarioSession.objects.update(started_at=at(1), read_at=clock.now() - timedelta(days=365))
    house.cms.set_settings(generated_sessions=1)

    job = imported(house, scheduled=True)

    assert "1 open ones are read again" in job.note
    assert ResourceRefresh.objects.count() == 1
