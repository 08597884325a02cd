import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.connections import services
from integrations.connections.models import AuthKind, Connection, Health, Installation
from integrations.core.errors import AddressRefused, AuthFailed, Captured, Paused, PermanentError, TransientError
from tests.connections.conftest import Make
from tests.core.local_servers import Reply, Seen, serving
from tests.simulators.record.auth import API_KEY, API_KEY_HEADER, API_KEY_PARAMETER, BASIC, BEARER_TOKEN
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db

STATIC: list[tuple[str, dict[str, Any]]] = [
    (AuthKind.BEARER, {"token": BEARER_TOKEN}),
    (AuthKind.BASIC, {"username": BASIC[0], "password": BASIC[1]}),
    (AuthKind.HEADER, {"header": API_KEY_HEADER, "value": API_KEY}),
    (AuthKind.QUERY, {"parameter": API_KEY_PARAMETER, "value": API_KEY}),
]


@pytest.mark.parametrize(("kind", "credentials"), STATIC)
def test_each_static_kind_lets_us_in(
    kind: str, credentials: dict[str, Any], connect: Make, record: RunningRecord
) -> None:
    record.control.add_order("WO-1")
    connection = connect(auth_kind=kind, credentials=credentials)

    answer = services.open_client(connection).request("GET", "/api/orders/WO-1")

    assert answer.json()["status"] == "open"
    connection.refresh_from_db()
    assert connection.health == Health.OK


def test_wrong_credentials_end_in_auth_failed_and_say_so(connect: Make) -> None:
    connection = connect(credentials={"token": "wrong-token-value"})

    with pytest.raises(AuthFailed):
        services.open_client(connection).request("GET", "/api/orders/WO-1")

    connection.refresh_from_db()
    assert connection.health == Health.AUTH_FAILED
    assert "credentials were not accepted" in connection.health_note
    assert "wrong-token-value" not in connection.health_note


def test_a_paused_connection_sends_nothing(connect: Make, record: RunningRecord) -> None:
    connection = connect(credentials={"token": BEARER_TOKEN}, paused=True)

    with pytest.raises(Paused, match="paused"):
        services.open_client(connection)

    assert record.control.state.log.total == 0


def _captured(connection: Connection, record: RunningRecord) -> str:
    record.control.add_order("WO-1")
    client = services.open_client(connection)
    with pytest.raises(Captured):
        client.request("PATCH", "/api/orders/WO-1", json={"status": "done"})
    assert record.control.effects() == []
    assert client.request("GET", "/api/orders/WO-1").status_code == 200
    return services.is_capturing(connection)


def test_a_capturing_connection_reads_and_does_not_write(connect: Make, record: RunningRecord) -> None:
    reason = _captured(connect(credentials={"token": BEARER_TOKEN}, capture=True), record)

    assert "This connection is in capture mode" in reason


def test_an_installation_in_capture_reads_and_does_not_write(connect: Make, record: RunningRecord) -> None:
    Installation.objects.create(key_fingerprint="x", public_url="http://a", capture_reason="Moved to another address.")

    reason = _captured(connect(credentials={"token": BEARER_TOKEN}), record)

    assert reason == "Moved to another address."


def test_the_setting_captures_everything(connect: Make, record: RunningRecord, settings: Settings) -> None:
    settings.OUTBOUND = "capture"

    reason = _captured(connect(credentials={"token": BEARER_TOKEN}), record)

    assert "OUTBOUND=capture" in reason


def test_an_address_that_is_not_allowed_is_refused_and_noted(connect: Make) -> None:
    connection = connect(credentials={"token": BEARER_TOKEN}, base_url="http://127.0.0.1:1")

    with pytest.raises(AddressRefused):
        services.open_client(connection).request("GET", "/")

    connection.refresh_from_db()
    assert connection.health == Health.FAILING
    assert "OUTBOUND_ALLOW" in connection.health_note


def test_a_failing_system_is_noted_and_a_working_one_clears_it(connect: Make, record: RunningRecord) -> None:
    record.control.add_order("WO-1")
    connection = connect(credentials={"token": BEARER_TOKEN})
    record.control.fault("status", status=500, times=1)

    with pytest.raises(TransientError):
        services.open_client(connection).request("GET", "/api/orders/WO-1")
    connection.refresh_from_db()
    assert (connection.health, "500" in connection.health_note) == (Health.FAILING, True)

    services.open_client(connection).request("GET", "/api/orders/WO-1")
    connection.refresh_from_db()
    assert (connection.health, connection.health_note) == (Health.OK, "")


def test_health_is_written_once_a_minute_at_most(connect: Make, django_assert_num_queries: Any) -> None:
    connection = connect(health=Health.OK, health_at=timezone.now() - timedelta(seconds=30))

    with django_assert_num_queries(0):
        services.report_success(connection)

    connection.health_at = timezone.now() - timedelta(seconds=61)
    with django_assert_num_queries(1):
        services.report_success(connection)


@pytest.mark.parametrize(("kind", "credentials"), STATIC)
def test_credentials_that_an_answer_repeats_are_masked(
    kind: str, credentials: dict[str, Any], connect: Make, settings: Settings
) -> None:
    def echo(seen: Seen) -> Reply:
        basic = base64.b64decode(seen.headers.get("Authorization", "").rpartition(" ")[2] + "==").decode("latin-1")
        return Reply(422, body=json.dumps([seen.path, dict(seen.headers), basic]).encode())

    with serving(echo) as server:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.port}"]
        client = services.open_client(connect(auth_kind=kind, credentials=credentials, base_url=server.url))
        with pytest.raises(PermanentError) as caught:
            client.request("POST", "/x", headers={"X-Order": "WO-1"}, json={"a": 1})

    shown = client.without_secrets(caught.value.content.decode())
    secret = credentials.get("token") or credentials.get("value") or credentials["password"]
    assert secret not in shown
    assert "WO-1" in shown
    assert caught.value.headers["content-length"] == str(len(caught.value.content))
