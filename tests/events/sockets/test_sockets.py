"""The websocket of the event service, with a client that no one here wrote (the library `websockets`)."""

import json
import socket
from contextlib import suppress
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from integrations.connections.models import ApiToken, Workspace
from integrations.events.models import Endpoint, Event
from integrations.events.services import filtering, subscribing
from integrations.events.sockets import hub, presence
from integrations.events.sockets import socket as socket_module
from integrations.events.sockets.socket import Socket
from portal import websockets as speaking
from tests.events import payloads
from tests.events.sockets.conftest import NOON, Server, ingest, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
UNKNOWN = "0aaaaaaa-0000-4000-8000-000000000000"


def opened(url: str, **values: Any) -> ClientConnection:
    client: ClientConnection = connect(url, open_timeout=10, compression=None, **values)
    return client


def next_of(client: ClientConnection) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(client.recv(timeout=10))
    return document


def ids(client: ClientConnection, count: int) -> list[str]:
    return [next_of(client)["event"]["id"] for _ in range(count)]


def refused(url: str, **values: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(InvalidStatus) as error, opened(url, **values):
        pass
    return error.value.response.status_code, json.loads(error.value.response.body)


def code_of(client: ClientConnection) -> int:
    """Wait for the end of a socket, and return its close code."""
    with suppress(ConnectionClosed):
        while True:
            client.recv(timeout=10)
    assert client.close_code is not None
    return client.close_code


def test_o08_without_a_filter_every_type_arrives(served: Server, door: Endpoint, space: int) -> None:
    with opened(served.url(door)) as client:
        for number, type in enumerate(payloads.TYPES, start=1):
            ingest(space, number, type=type)
        found = [next_of(client) for _ in payloads.TYPES]

    assert [each["type"] for each in found] == list(payloads.TYPES)
    assert "cursor" not in found[0]


def test_o17_an_edited_filter_holds_for_the_next_event_without_reconnecting(
    served: Server, door: Endpoint, space: int
) -> None:
    given = {"cameraIds": [payloads.camera(1)]}
    kept = filtering.create_filter(space, given=given, now=NOON, endpoint_ids=[door.pk]).filter
    with opened(served.url(door)) as client:
        ingest(space, 1, source=1)
        assert ids(client, 1) == [payloads.event_id(1)]

        filtering.update_filter(space, kept.pk, given={"cameraIds": [payloads.camera(2)]}, now=NOON)
        ingest(space, 2, source=1)
        ingest(space, 3, source=2)

        assert ids(client, 1) == [payloads.event_id(3)]


def test_o25_an_unknown_endpoint_is_refused_before_the_upgrade(served: Server) -> None:
    status, body = refused(served.url(UNKNOWN))

    assert (status, body["error"]) == (404, "not_found")


@pytest.mark.parametrize("query", ["", "endpoint_id=", "endpoint_id=7", "endpoint_id=%FF", "&".join("x" * 21)])
def test_a_missing_or_malformed_id_is_refused(served: Server, query: str) -> None:
    status, body = refused(f"ws://127.0.0.1:{served.port}/event-service/ws?{query}")

    assert status == 400
    assert body["message"]


def test_o26_the_id_of_a_webhook_is_refused(served: Server, space: int) -> None:
    hook = subscribing.create_webhook(space, name="hook", url="https://hook.example.com/", now=NOON)

    assert refused(served.url(hook))[0] == 409


def test_o27_two_sockets_get_the_same_events_in_the_same_order(served: Server, door: Endpoint, space: int) -> None:
    with opened(served.url(door)) as one, opened(served.url(door)) as other:
        ingest(space, *range(1, 101))

        first, second = ids(one, 100), ids(other, 100)

    assert first == second == [payloads.event_id(number) for number in range(1, 101)]


def test_o30_deleting_the_endpoint_closes_its_sockets(served: Server, door: Endpoint, space: int) -> None:
    with opened(served.url(door)) as client:
        ingest(space, 1)
        ids(client, 1)

        subscribing.delete_endpoints(space, [door.pk], by="anna", now=NOON)

        assert code_of(client) == 4404


def test_o40_a_client_that_was_away_goes_on_without_gap_or_repeat(served: Server, door: Endpoint, space: int) -> None:
    with opened(served.url(door, since="")) as client:
        ingest(space, 1, 2)
        before = [next_of(client) for _ in range(2)]
    ingest(space, *range(3, 260))

    with opened(served.url(door, since=before[-1]["cursor"])) as client:
        ingest(space, 260, 261)
        after = ids(client, 259)

    assert [each["event"]["id"] for each in before] + after == [payloads.event_id(each) for each in range(1, 262)]


def test_o41_a_cursor_older_than_the_log_is_refused_with_the_oldest(served: Server, door: Endpoint, space: int) -> None:
    with opened(served.url(door, since="")) as client:
        ingest(space, 1, 2, 3)
        cursor = next_of(client)["cursor"]
    Event.objects.filter(seq__lte=2).delete()

    status, body = refused(served.url(door, since=cursor))

    assert (status, body["error"]) == (410, "cursor_expired")
    with opened(served.url(door, since=body["oldestCursor"])) as client:
        assert ids(client, 1) == [payloads.event_id(3)]


def test_a_cursor_of_something_else_is_refused(served: Server, door: Endpoint) -> None:
    assert refused(served.url(door, since="bm90aGluZw"))[0] == 400


def test_nothing_from_before_the_connection_is_sent(served: Server, door: Endpoint, space: int) -> None:
    ingest(space, 1)
    with opened(served.url(door)) as client:
        ingest(space, 2)

        assert ids(client, 1) == [payloads.event_id(2)]


def test_a_socket_needs_the_endpoints_key_unless_it_is_open(served: Server, space: int) -> None:
    kept = subscribing.create_websocket(space, name="kept", now=NOON, auth="token")

    assert refused(served.url(kept))[0] == 401
    assert refused(served.url(kept, access="wrong"))[0] == 401
    with (
        opened(served.url(kept, access=str(kept.access))) as client,
        opened(served.url(kept), additional_headers={"Token": str(kept.access)}),
    ):
        ingest(space, 1)
        assert ids(client, 1) == [payloads.event_id(1)]


def test_a_token_opens_the_endpoints_of_its_own_workspace_only(served: Server, space: int) -> None:
    kept = subscribing.create_websocket(space, name="kept", now=NOON, auth="token")
    other = Workspace.objects.create(slug="other", name="Other")
    own, foreign = "fp_own", "fp_foreign"
    for workspace_id, value in ((space, own), (other.pk, foreign)):
        ApiToken.objects.create(
            workspace_id=workspace_id, name=value, token_hash=ApiToken.hash_of(value), scopes=["events:read"]
        )

    assert refused(served.url(kept, access=foreign))[0] == 401
    with opened(served.url(kept, access=own)) as client:
        ingest(space, 1)
        assert ids(client, 1) == [payloads.event_id(1)]


def test_a_renewed_key_ends_the_sockets_of_the_old_one(served: Server, space: int) -> None:
    kept = subscribing.create_websocket(space, name="kept", now=NOON, auth="token")
    with opened(served.url(kept, access=str(kept.access))) as client:
        ingest(space, 1)
        ids(client, 1)

        subscribing.renew_access(space, kept.pk, now=NOON)

        assert code_of(client) == 4401


def test_browsers_hear_by_a_close_code_where_the_endpoint_says_so(served: Server, space: int) -> None:
    kept = subscribing.create_websocket(space, name="kept", now=NOON, auth="token", ws_errors="close_codes")

    with opened(served.url(kept, access="wrong")) as client:
        assert code_of(client) == 4401


def test_an_endpoint_has_so_many_sockets_and_no_more(
    served: Server, door: Endpoint, space: int, settings: Settings
) -> None:
    settings.WEBSOCKETS_PER_ENDPOINT = 2
    with opened(served.url(door)), opened(served.url(door)):
        status, body = refused(served.url(door))
        other = subscribing.create_websocket(space, name="other", now=NOON, auth="open")
        with opened(served.url(other)):
            pass

    assert (status, body["error"]) == (429, "too_many_sockets")


@pytest.mark.redis
def test_open_sockets_are_counted_for_the_endpoints_page(served: Server, door: Endpoint) -> None:
    with opened(served.url(door)), opened(served.url(door)):
        wait_for(lambda: presence.connected(str(door.pk)) == 2)
    wait_for(lambda: presence.connected(str(door.pk)) == 0)


@pytest.mark.redis
def test_the_broker_says_at_once_that_there_is_more(
    served: Server, door: Endpoint, space: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "LOOK_SECONDS", 60.0)
    with opened(served.url(door)) as client:
        ingest(space, 1)
        ids(client, 1)
        ingest(space, 2)

        assert ids(client, 1) == [payloads.event_id(2)]


def test_small_frames_of_clients_are_ignored_and_large_ones_end_the_socket(
    served: Server, door: Endpoint, space: int
) -> None:
    with opened(served.url(door)) as client:
        client.send("hello")
        client.send(b"\x00" * 4096)
        ingest(space, 1)
        assert ids(client, 1) == [payloads.event_id(1)]

        client.send("x" * 4097)

        assert code_of(client) == 1009


def test_a_flood_of_frames_ends_the_socket(served: Server, door: Endpoint) -> None:
    with opened(served.url(door)) as client:
        with suppress(ConnectionClosed):
            for _ in range(100_000):
                client.send("x")

        assert code_of(client) == 1008


def test_a_stopping_server_says_so(door: Endpoint) -> None:
    server = Server()
    server.start()
    with opened(server.url(door)) as client:
        server.stop()

        assert code_of(client) == 1012


def deaf(server: Server, endpoint: Endpoint) -> socket.socket:
    """A client that shakes hands and then never reads."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", server.port))
    lines = (
        f"GET /event-service/ws?endpoint_id={endpoint.pk} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OUFCQ0RFRg==",
    )
    client.sendall("\r\n".join([*lines, "", ""]).encode())
    assert client.recv(12) == b"HTTP/1.1 101"
    return client


@pytest.mark.redis
def test_o28_a_client_that_stops_reading_is_closed_and_delays_nobody(
    served: Server, door: Endpoint, space: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "MOST_WAITING", 50)
    ended, end = [], Socket.end

    def noted(self: Socket, code: int, said: str) -> None:
        ended.append(code)
        end(self, code, said)

    monkeypatch.setattr(Socket, "end", noted)
    monkeypatch.setattr(speaking, "CLOSE_SECONDS", 0.5)
    large = {"note": "x" * 100_000}
    with deaf(served, door) as client, opened(served.url(door), max_size=None) as reader:
        for first in range(1, 201, 20):
            ingest(space, *range(first, first + 20), **large)
            assert ids(reader, 20) == [payloads.event_id(each) for each in range(first, first + 20)]
        wait_for(lambda: ended == [1013])
        wait_for(lambda: _is_let_go(client))


def _is_let_go(client: socket.socket) -> bool:
    """Say whether the server has dropped the connection; nothing is read."""
    try:
        client.sendall(b"\x8a\x80\x00\x00\x00\x00")  # a pong that nobody asked for
    except OSError:
        return True
    return False


def test_o29_a_peer_that_vanishes_is_let_go(door: Endpoint, space: int, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(ws_ping_interval=0.1, ws_ping_timeout=0.2)
    server.start()
    with deaf(server, door) as client:
        ingest(space, *range(1, 101), note="x" * 100_000)  # it would have all of this, if it were there

        wait_for(lambda: not server.server.server_state.connections)
        assert client.fileno() > 0
    server.stop()


def test_what_is_open_to_ids_alone_gives_nothing_but_its_own_events(served: Server, door: Endpoint, space: int) -> None:
    given = {"cameraIds": [payloads.camera(1)]}
    filtering.create_filter(space, given=given, now=NOON, endpoint_ids=[door.pk])
    with opened(served.url(door)) as client:
        ingest(space, 1, source=2)
        ingest(space, 2, source=1)

        assert ids(client, 1) == [payloads.event_id(2)]


def test_no_key_and_no_id_is_logged(
    served: Server, door: Endpoint, space: int, caplog: pytest.LogCaptureFixture
) -> None:
    kept = subscribing.create_websocket(space, name="kept", now=NOON, auth="token")
    caplog.set_level("DEBUG")

    refused(served.url(kept, access="wrong-key"))
    with opened(served.url(door)) as client:
        ingest(space, 1)
        ids(client, 1)

    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("websockets")]
    assert not [line for line in logged if "wrong-key" in line or str(door.pk) in line]
