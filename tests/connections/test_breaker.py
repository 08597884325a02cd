"""A system that keeps failing is left alone by all workers but one; what works costs nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from integrations.connections import breaker, services
from integrations.connections.models import AuthKind, Connection, Health
from integrations.core import clock
from integrations.core.errors import NotFound, Paused, SystemFailing, TransientError, Unsure
from tests.connections.conftest import Make
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db
ORDER = "/api/orders/WO-1"


@pytest.fixture
def connection(connect: Make, record: RunningRecord) -> Connection:
    record.control.add_order("WO-1")
    return connect(credentials={"token": BEARER_TOKEN}, settings={"check_path": ORDER})


def ask(connection: Connection, method: str = "GET", path: str = ORDER, **options: Any) -> int:
    """Ask as another worker would: with the row as it is now."""
    connection.refresh_from_db()
    return services.open_client(connection).request(method, path, **options).status_code


def fail(connection: Connection, *, times: int = breaker.MOST_FAILURES) -> None:
    for _ in range(times):
        with pytest.raises(TransientError):
            ask(connection)


def let_the_time_pass(connection: Connection) -> None:
    Connection.objects.update(next_try_at=clock.now() - timedelta(milliseconds=1))
    connection.refresh_from_db()


def asked(record: RunningRecord) -> int:
    return record.control.state.log.total


def test_after_some_failures_in_a_row_nobody_asks_any_more(connection: Connection, record: RunningRecord) -> None:
    record.control.fault("status", status=500)
    fail(connection)
    before = asked(record)

    with pytest.raises(SystemFailing, match=r"Record is failing since \d\d:\d\d UTC; the next try is at ") as refused:
        ask(connection)

    assert asked(record) == before
    assert isinstance(refused.value, Paused)  # so that work is put back without counting an attempt
    assert refused.value.retry_after == pytest.approx(5, abs=1)
    assert connection.health == Health.FAILING
    assert "500" in connection.health_note


def test_a_write_that_may_have_been_carried_out_counts_as_a_failure_too(
    connection: Connection, record: RunningRecord
) -> None:
    record.control.fault("status", status=500)
    for _ in range(breaker.MOST_FAILURES):
        with pytest.raises(Unsure):
            ask(connection, "PATCH", json={"status": "done"})

    with pytest.raises(SystemFailing):
        ask(connection)


def test_a_system_that_hangs_up_counts(connection: Connection, record: RunningRecord) -> None:
    record.control.fault("drop_before")
    fail(connection)

    with pytest.raises(SystemFailing):
        ask(connection)


def test_a_system_that_cannot_be_reached_counts(connection: Connection, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1:9"]
    Connection.objects.update(base_url="http://127.0.0.1:9")
    fail(connection)

    with pytest.raises(SystemFailing):
        ask(connection)


def test_an_answer_that_a_caller_judges_itself_counts(connection: Connection, record: RunningRecord) -> None:
    record.control.fault("status", status=502)
    for _ in range(breaker.MOST_FAILURES):
        assert ask(connection, raise_for_status=False) == 502

    with pytest.raises(SystemFailing):
        ask(connection)


def test_answers_that_we_do_not_like_are_no_failures(connection: Connection) -> None:
    for _ in range(breaker.MOST_FAILURES + 1):
        with pytest.raises(NotFound):
            ask(connection, path="/api/orders/NONE")

    connection.refresh_from_db()
    assert (connection.failures, connection.next_try_at) == (0, None)


def test_a_success_starts_the_count_anew(connection: Connection, record: RunningRecord) -> None:
    for _ in range(2):
        record.control.fault("status", status=500)
        fail(connection, times=breaker.MOST_FAILURES - 1)
        record.control.clear_faults()
        assert ask(connection) == 200

    connection.refresh_from_db()
    assert (connection.failures, connection.failing_since, connection.next_try_at) == (0, None, None)


def test_when_the_time_has_come_one_worker_tries_and_the_others_are_refused(
    connection: Connection, record: RunningRecord
) -> None:
    record.control.fault("status", status=500)
    fail(connection)
    let_the_time_pass(connection)
    one, other = Connection.objects.get(), Connection.objects.get()

    breaker.enter(one, seconds=20)
    with pytest.raises(SystemFailing) as refused:
        breaker.enter(other, seconds=20)

    assert refused.value.retry_after == pytest.approx(20, abs=1)


def test_a_try_that_succeeds_lets_everybody_ask_again(connection: Connection, record: RunningRecord) -> None:
    record.control.fault("status", status=500)
    fail(connection)
    record.control.clear_faults()
    let_the_time_pass(connection)

    assert ask(connection) == 200

    other = Connection.objects.get()
    assert (other.failures, other.next_try_at, other.health) == (0, None, Health.OK)
    assert ask(other) == 200


def test_a_try_that_fails_is_followed_by_a_longer_wait(connection: Connection, record: RunningRecord) -> None:
    record.control.fault("status", status=500)
    fail(connection)
    Connection.objects.update(failing_since=clock.now() - timedelta(seconds=80))
    let_the_time_pass(connection)

    fail(connection, times=1)

    connection.refresh_from_db()
    assert connection.next_try_at is not None
    assert (connection.next_try_at - clock.now()).total_seconds() == pytest.approx(40, abs=2)


@pytest.mark.parametrize(("failing", "pause"), [(0, 5), (8, 5), (60, 30), (600, 300), (86_400, 300)])
def test_the_wait_grows_from_five_seconds_to_five_minutes(failing: float, pause: float) -> None:
    assert breaker.pause(timedelta(seconds=failing)) == timedelta(seconds=pause)


def test_a_system_that_works_costs_no_query(
    connection: Connection, django_assert_num_queries: Callable[[int], Any]
) -> None:
    client = services.open_client(connection)
    client.request("GET", ORDER)  # notes the connection's health, once

    with django_assert_num_queries(0):
        client.request("GET", ORDER)


def test_other_hosts_are_no_business_of_the_connections_own_system(
    connection: Connection, record: RunningRecord
) -> None:
    Connection.objects.update(base_url="http://127.0.0.1:9")
    record.control.fault("status", status=500)

    for _ in range(breaker.MOST_FAILURES + 1):
        connection.refresh_from_db()
        with pytest.raises(TransientError):
            services.open_client(connection, allow_hosts=[urlsplit(record.url).netloc]).request(
                "GET", record.url + ORDER
            )

    connection.refresh_from_db()
    assert connection.failures == 0


def test_signing_in_is_left_alone_too(connect: Make, record: RunningRecord) -> None:
    credentials = {"token_url": f"{record.url}/oauth/token", "client_id": "a", "client_secret": "b"}
    connection = connect(auth_kind=AuthKind.OAUTH2_CLIENT, credentials=credentials, base_url="")
    record.control.fault("status", status=503)
    fail(connection)
    before = asked(record)

    with pytest.raises(SystemFailing):
        ask(connection)

    assert asked(record) == before


def test_a_person_who_tests_the_connection_waits_for_nothing(connection: Connection, record: RunningRecord) -> None:
    record.control.fault("status", status=500)
    fail(connection)
    record.control.clear_faults()
    connection.refresh_from_db()

    services.check(connection)

    assert ask(connection) == 200


def test_the_sentence_names_the_day_if_it_is_another_one() -> None:
    now = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
    row = Connection(name="ERP", failing_since=now - timedelta(minutes=10), next_try_at=now + timedelta(minutes=5))

    said = breaker.sentence(row, now=now)
    assert said == "The connection ERP is failing since 2026-03-01 23:55 UTC; the next try is at 00:10:00 UTC."
    assert breaker.sentence(row, now=now + timedelta(hours=1)).endswith("the next try is the next request.")


def test_the_admin_says_that_a_connection_is_held_back(
    connection: Connection, record: RunningRecord, admin_client: Client
) -> None:
    record.control.fault("status", status=500)
    fail(connection)

    listed = admin_client.get("/admin/connections/connection/").content.decode()
    page = admin_client.get(f"/admin/connections/connection/{connection.pk}/change/").content.decode()

    assert "held back" in listed
    assert "The connection Record is failing since" in page
