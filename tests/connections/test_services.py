"""The test button, asked-for waits, what the index page counts, what is deleted after a time."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.connections import checks, counters, retention, services
from integrations.connections.models import ApiToken, Connection, Health, IdempotencyRecord
from integrations.core.errors import AuthFailed, NotFound, OutboundOff, TransientError
from integrations.core.http import OutboundClient
from tests.connections.conftest import Make
from tests.factories import make_connection
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _orders_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's check counts orders."""

    def count(connection: Connection, client: OutboundClient) -> str:
        return f"{connection.name}: {len(client.request('GET', '/api/orders').content) > 0} answer"

    monkeypatch.setattr(checks, "_checks", {"generic": count})


def test_the_test_button_says_what_the_platform_says_even_when_paused(connect: Make) -> None:
    connection = connect(credentials={"token": BEARER_TOKEN}, paused=True)

    assert services.check(connection) == "Record: True answer"

    connection.refresh_from_db()
    assert connection.health == Health.OK


def test_the_test_button_notes_what_fails(connect: Make) -> None:
    connection = connect(credentials={"token": "wrong"})

    with pytest.raises(AuthFailed):
        services.check(connection)

    connection.refresh_from_db()
    assert connection.health == Health.AUTH_FAILED


def test_an_installation_that_is_off_says_nothing_about_a_connection(
    connect: Make, record: RunningRecord, settings: Settings
) -> None:
    settings.OUTBOUND = "off"
    connection = connect(credentials={"token": BEARER_TOKEN})

    with pytest.raises(OutboundOff):
        services.check(connection)

    connection.refresh_from_db()
    assert (connection.health, record.control.state.log.total) == (Health.UNKNOWN, 0)


def test_a_platform_without_a_check_is_asked_for_its_address(connect: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_checks", {})
    connection = connect(credentials={"token": BEARER_TOKEN})

    with pytest.raises(NotFound):  # the record has nothing at its root
        services.check(connection)


def test_what_is_not_there_does_not_make_a_connection_fail(connect: Make) -> None:
    connection = connect(credentials={"token": BEARER_TOKEN})

    with pytest.raises(NotFound):
        services.open_client(connection).request("GET", "/api/orders/WO-none")

    assert connection.health == Health.OK


def test_who_asks_us_to_wait_is_not_asked_again_meanwhile(connect: Make, record: RunningRecord) -> None:
    record.control.fault("status", status=429, retry_after="30", times=1)
    connection = connect(credentials={"token": BEARER_TOKEN})

    for _ in range(3):
        with pytest.raises(TransientError) as caught:
            services.open_client(connection).request("GET", "/api/orders")
        assert 29 < (caught.value.retry_after or 0) <= 30

    assert record.control.state.log.operations["GET /api/orders"] == 1


def test_another_host_does_not_speak_for_the_connection(connect: Make, record: RunningRecord) -> None:
    connection = connect(credentials={"token": BEARER_TOKEN}, base_url="https://api.acme.example")
    client = services.open_client(connection, allow_hosts=[record.url.removeprefix("http://")])

    with pytest.raises(AuthFailed):  # our credentials do not go there
        client.request("GET", f"{record.url}/api/orders")

    assert connection.health == Health.UNKNOWN


def test_the_index_page_counts_connections_that_need_someone() -> None:
    make_connection(name="CMS", health=Health.AUTH_FAILED)
    make_connection(health=Health.FAILING)
    make_connection(health=Health.OK, paused=True)

    refused, failing, paused = counters.counters()

    assert (refused.value, refused.attention, refused.detail) == (1, True, "CMS: enter new credentials.")
    assert (failing.value, failing.attention) == (1, True)
    assert (paused.value, paused.attention) == (1, False)


def test_old_answers_and_tokens_that_ended_go() -> None:
    now = timezone.now()
    before = now - timedelta(days=1)
    live, _ = services.issue_token("live", scopes=[])
    ended, _ = services.issue_token("ended", scopes=[], expires_at=now - timedelta(days=2))
    for key, age in (("old", 2), ("new", 0)):
        IdempotencyRecord.objects.create(token=live, key=key, created_at=now - timedelta(days=age))

    answers, tokens = (kind.expired(before) for kind in retention.KINDS)

    assert list(answers.values_list("key", flat=True)) == ["old"]
    assert list(tokens) == [ended]
    assert ApiToken.objects.count() == 2
