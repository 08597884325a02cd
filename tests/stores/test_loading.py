"""Loading for real: into a DuckDB file, Parquet files on the disk and in a bucket, and a PostgreSQL schema."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from integrations.core import analyst_tables, clock, network
from integrations.core.analyst_tables import Column, Family, same
from integrations.core.work import WorkState
from integrations.platforms.worklink.models import ScenarioSession
from integrations.platforms.worklink.tables import views
from integrations.stores import asking, loading, reading
from integrations.stores.destinations import sink_of
from integrations.stores.models import DataStore, Mode, StoreKind, StoreLoad, StorePosition
from tests.stores.conftest import Held, loaded, worked
from tests.stores.making import FIRST, ODD, make_sessions


def test_everything_arrives_as_it_is_and_a_second_load_changes_nothing(held: Held) -> None:
    make_sessions(25)

    first = loaded(held.store)
    second = loaded(held.store)

    assert (first.state, first.loaded, first.rows) == (WorkState.DONE, 25, 25 + 50 + 50)
    assert (second.state, second.note, second.rows) == (WorkState.DONE, loading.NOTHING, 0)
    assert [held.count(name) for name in ("sessions", "session_steps", "form_answers")] == [25, 50, 50]
    session = held.ask("SELECT vendor_id, scenario, is_demo, seconds, started_at, ended_at FROM {sessions} ORDER BY 1")[
        2
    ]
    started = FIRST + timedelta(minutes=11)
    assert session == ("session-11", None, False, 30.0, started, started + timedelta(seconds=30))
    assert held.ask("SELECT COUNT(*) FROM {sessions} WHERE is_demo") == [(2,)]
    row = ScenarioSession.objects.get(resource_id="session-3")
    answers = held.ask(
        f"SELECT value, value_number FROM {{form_answers}} WHERE session_id = {row.pk} ORDER BY position"
    )
    assert answers == [("4.5", 4.5), (ODD, None)]


def test_what_changed_takes_the_place_of_what_was_there(held: Held) -> None:
    rows = make_sessions(6)
    loaded(held.store)
    now = clock.now()
    changed = ScenarioSession.objects.get(pk=rows[2].pk)
    changed.translation["answers"] = changed.translation["answers"][:1]
    changed.scenario_name, changed.stored_at = "Renamed", now
    changed.save()
    ScenarioSession.objects.filter(pk__in=[row.pk for row in make_sessions(1, first=100)]).update(stored_at=now)

    load = loaded(held.store)

    assert (load.loaded, held.count("sessions")) == (2, 7)
    assert held.ask("SELECT session_id FROM {sessions} WHERE scenario = 'Renamed'") == [(changed.pk,)]
    assert held.ask(f"SELECT COUNT(*) FROM {{form_answers}} WHERE session_id = {changed.pk}") == [(1,)]
    assert held.count("form_answers") == 13


def test_what_hangs_on_an_object_that_has_none_of_it_any_more_goes(held: Held) -> None:
    rows = make_sessions(3)
    loaded(held.store)
    bare = ScenarioSession.objects.get(pk=rows[1].pk)
    bare.translation["answers"], bare.stored_at = [], clock.now()
    bare.save()

    loaded(held.store)

    assert held.ask(f"SELECT COUNT(*) FROM {{form_answers}} WHERE session_id = {bare.pk}") == [(0,)]
    assert [held.count(name) for name in ("sessions", "session_steps", "form_answers")] == [3, 6, 4]


def test_a_new_column_appears_in_the_store_and_is_filled_for_old_rows(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sessions(3)
    loaded(held.store)
    more = Column("twice", "number", "Twice the seconds", same("t.seconds * 2"))
    table = views.SESSIONS
    grown = analyst_tables.Table(table.name, table.about, table.key, table.source, [*table.columns, more])
    family = Family("session_id", "row_changed_at", [grown, views.SESSION_STEPS, views.FORM_ANSWERS], order=1)
    monkeypatch.setitem(analyst_tables._families, "sessions", family)
    analyst_tables.views.create()
    try:
        load = loaded(held.store)
    finally:
        monkeypatch.undo()
        analyst_tables._execute([f"DROP VIEW {table.view}"])
        analyst_tables.views.create()

    assert load.loaded == 3
    assert held.ask("SELECT DISTINCT twice FROM {sessions}") == [(60.0,)]
    assert held.count("sessions") == 3


def test_a_worker_that_dies_within_a_load_loses_and_doubles_nothing(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading.portion, "__kwdefaults__", {"most": 10})
    make_sessions(25)
    real = loading._note

    def dying(claim: Any, *args: Any, **values: Any) -> None:
        if claim.row.loaded or StoreLoad.objects.get().loaded:
            raise KeyboardInterrupt  # after the rows are there, before it is noted
        real(claim, *args, **values)

    monkeypatch.setattr(loading, "_note", dying)
    with pytest.raises(KeyboardInterrupt):
        loaded(held.store)
    half = StoreLoad.objects.get()
    assert (half.state, half.loaded) == (WorkState.RUNNING, 10)
    monkeypatch.setattr(loading, "_note", real)
    StoreLoad.objects.update(due_at=clock.now() - timedelta(seconds=1))

    load = worked(half)

    assert (load.state, load.loaded, load.rows) == (WorkState.DONE, 25, 125)
    assert [held.count(name) for name in ("sessions", "session_steps", "form_answers")] == [25, 50, 50]


def test_a_period_is_loaded_again_into_a_store_that_was_emptied(duck: Held) -> None:
    make_sessions(20)
    loaded(duck.store)
    (sink_of(duck.store).path).unlink()  # type: ignore[attr-defined]  # a DuckDB file

    load = loaded(duck.store, mode=Mode.PERIOD, since=FIRST + timedelta(minutes=5), until=FIRST + timedelta(minutes=8))

    assert (load.state, load.loaded) == (WorkState.DONE, 3)
    assert duck.ask("SELECT vendor_id FROM {sessions} ORDER BY 1") == [("session-5",), ("session-6",), ("session-7",)]
    assert StorePosition.objects.get(family="sessions").reached_at is not None


def test_a_row_that_is_written_this_moment_waits_until_its_transaction_surely_ended(duck: Held) -> None:
    make_sessions(1)
    ScenarioSession.objects.update(stored_at=clock.now())

    load = worked(asking.start(duck.store))

    assert (load.note, load.rows) == (loading.NOTHING, 0)
    assert not StorePosition.objects.exists()


def test_a_load_that_was_stopped_goes_on_where_it_stopped(duck: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading.portion, "__kwdefaults__", {"most": 10})
    monkeypatch.setattr(loading, "BUDGET_SECONDS", 0.0)
    make_sessions(25)
    load = asking.start(duck.store)
    StoreLoad.objects.update(until_row=clock.now())
    drained = StoreLoad.objects.claim(load.pk, now=clock.now())
    assert drained is not None
    loading.run(drained)
    asking.stop(load, by="anna")
    assert (worked(load).state, duck.count("sessions")) == (WorkState.SKIPPED, 10)
    monkeypatch.setattr(loading, "BUDGET_SECONDS", 30.0)

    asking.go_on(load)

    assert (worked(load).loaded, duck.count("sessions")) == (25, 25)


def test_a_second_load_into_the_same_store_is_refused(duck: Held) -> None:
    asking.start(duck.store)

    with pytest.raises(Exception, match="at work already"):
        asking.start(duck.store)

    assert StoreLoad.objects.count() == 1


def test_an_address_that_the_guard_refuses_is_not_contacted(db: None, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = []
    make_sessions(1)
    store = DataStore.objects.create(
        name="Inside", slug="inside", kind=StoreKind.POSTGRESQL, host="127.0.0.1", database="x", username="x"
    )

    load = loaded(store)

    assert load.state == WorkState.FAILED
    assert "OUTBOUND_ALLOW" in load.note
    assert load.rows == 0


def test_a_bucket_that_the_guard_refuses_is_not_contacted(s3: Held, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = []
    make_sessions(1)

    load = loaded(s3.store)

    assert load.state == WorkState.FAILED
    assert "OUTBOUND_ALLOW" in load.note
    settings.OUTBOUND_ALLOW = [s3.store.endpoint_url.removeprefix("http://")]
    with pytest.raises(Exception, match="No files found"):
        s3.count("sessions")


def test_nothing_is_loaded_elsewhere_while_nothing_may_leave(s3: Held, settings: Settings) -> None:
    settings.OUTBOUND = "off"
    make_sessions(1)

    load = loaded(s3.store)

    assert (load.state, load.rows) == (WorkState.DUE, 0)
    assert "OUTBOUND" in load.note


def test_another_destination_is_refused_unless_the_server_lets_it_in(db: None) -> None:
    make_sessions(1)
    store = DataStore.objects.create(
        name="Snow", slug="snow", kind=StoreKind.OTHER, destination="snowflake", secrets={"url": "snowflake://x"}
    )

    load = loaded(store)

    assert load.state == WorkState.FAILED
    assert "STORE_DESTINATIONS" in load.note


@pytest.mark.postgres
def test_a_wrong_password_is_told_without_telling_it(postgres: Held) -> None:
    DataStore.objects.update(database="no-such-database", secrets={"password": "hunter2"})

    with pytest.raises(Exception, match="no-such-database") as raised:
        sink_of(DataStore.objects.get()).check()

    assert "hunter2" not in str(raised.value)


def test_a_store_is_tried_without_loading_anything(held: Held) -> None:
    assert sink_of(held.store).check()
    assert not StoreLoad.objects.exists()


@pytest.mark.postgres
def test_news_are_found_by_an_index(db: None) -> None:
    make_sessions(5)
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(
            "EXPLAIN SELECT * FROM analytics_sessions WHERE (row_changed_at, session_id) > (%s, 3) "
            "ORDER BY row_changed_at, session_id LIMIT 10",
            [datetime(2026, 1, 1, tzinfo=UTC)],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "worklink_scenariosession_news" in plan
    assert "Sort" not in plan


def test_loads_come_by_the_clock(duck: Held) -> None:
    claim: Any = None
    assert asking.start_due(claim) == "No load is due."
    assert DataStore.objects.get().next_at is not None
    DataStore.objects.update(next_at=clock.now())

    assert asking.start_due(claim) == "Duck."
    assert StoreLoad.objects.count() == 1
    DataStore.objects.update(next_at=clock.now(), enabled=False)
    assert asking.start_due(claim) == "No load is due."


@pytest.mark.postgres
def test_the_driver_connects_to_the_address_that_the_guard_let_pass_and_resolves_no_name_itself(
    postgres: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ip_address(postgres.store.host)
    monkeypatch.setattr(network, "resolve", lambda host, port: [address])
    DataStore.objects.update(host="no-such-name.example.test")

    assert sink_of(DataStore.objects.get()).check()
