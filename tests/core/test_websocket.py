"""What leaves through `core.websocket`: only to addresses that may be reached, and its errors name no key."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Thread

import pytest
from pytest_django.fixtures import Settings
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from integrations.core.errors import AddressRefused, AuthFailed, OutboundOff, PermanentError, TransientError
from integrations.core.websocket import MAX_BYTES, open_websocket
from tests.core.local_servers import playing, read_request

Answering = Callable[[ServerConnection], None]


@contextmanager
def server(answering: Answering, *, refusal: Response | None = None) -> Iterator[tuple[str, list[Request]]]:
    """Yield the address of a websocket server, with a key in it, and the handshakes that it saw."""
    seen: list[Request] = []

    def asked(_connection: ServerConnection, request: Request) -> Response | None:
        seen.append(request)
        return refusal

    with serve(answering, "127.0.0.1", 0, process_request=asked) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{running.socket.getsockname()[1]}/feed?key=secret-key", seen
        running.shutdown()


def refused_with(status: HTTPStatus, **headers: str) -> Response:
    return Response(status, status.phrase, Headers({name.replace("_", "-"): value for name, value in headers.items()}))


def listens(connection: ServerConnection) -> None:
    for _message in connection:
        pass


@pytest.fixture
def allowed(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]


def test_an_address_inside_is_refused_before_a_byte_is_sent() -> None:
    with server(listens) as (url, seen):
        with pytest.raises(AddressRefused):
            open_websocket(url)
        assert seen == []


def test_nothing_leaves_where_outbound_is_off(settings: Settings, allowed: None) -> None:
    settings.OUTBOUND = "off"
    with server(listens) as (url, seen):
        with pytest.raises(OutboundOff) as refused:
            open_websocket(url)
        assert seen == []
    assert "secret-key" not in str(refused.value)


def test_messages_come_in_order_and_headers_and_the_whole_address_go_out(allowed: None) -> None:
    def tells(connection: ServerConnection) -> None:
        connection.send("one")
        connection.send(b"two")
        listens(connection)

    with server(tells) as (url, seen), open_websocket(url, headers={"Authorization": "Bearer t"}) as opened:
        assert [opened.receive(seconds=5), opened.receive(seconds=5)] == ["one", b"two"]
        assert opened.receive(seconds=0.01) is None
    assert seen[0].path == "/feed?key=secret-key"
    assert seen[0].headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (refused_with(HTTPStatus.UNAUTHORIZED), AuthFailed),
        (refused_with(HTTPStatus.FORBIDDEN), AuthFailed),
        (refused_with(HTTPStatus.NOT_FOUND), PermanentError),
        (refused_with(HTTPStatus.CONFLICT), PermanentError),
        (refused_with(HTTPStatus.SERVICE_UNAVAILABLE, Retry_After="7"), TransientError),
        (refused_with(HTTPStatus.FOUND, Location="ws://169.254.169.254/"), TransientError),
    ],
    ids=lambda value: str(value.status_code) if isinstance(value, Response) else value.__name__,
)
def test_a_refused_handshake_says_its_status_and_no_key(
    refusal: Response, kind: type[TransientError | PermanentError], allowed: None
) -> None:
    with server(listens, refusal=refusal) as (url, seen), pytest.raises(kind) as raised:
        open_websocket(url)

    assert raised.value.status == refusal.status_code
    assert len(seen) == 1, "a redirect is not followed"
    assert "secret-key" not in str(raised.value)
    if "Retry-After" in refusal.headers:
        assert isinstance(raised.value, TransientError)
        assert raised.value.retry_after == 7


def test_a_closed_socket_says_its_code(allowed: None) -> None:
    def closes(connection: ServerConnection) -> None:
        connection.close(4001, "secret reason")

    with (
        server(closes) as (url, _),
        open_websocket(url) as opened,
        pytest.raises(TransientError) as raised,
    ):
        opened.receive(seconds=5)
    assert raised.value.status == 4001
    assert "secret" not in str(raised.value)


def test_a_message_larger_than_allowed_ends_the_socket(allowed: None) -> None:
    def floods(connection: ServerConnection) -> None:
        connection.send("x" * (MAX_BYTES + 1))
        listens(connection)

    with server(floods) as (url, _), open_websocket(url) as opened, pytest.raises(TransientError):
        opened.receive(seconds=5)


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\n\r\n", b"\x00\xff garbage\r\n\r\n", b""])
def test_who_does_not_speak_websocket_is_tried_again_later(said: bytes, allowed: None) -> None:
    def says(connection: socket.socket, _number: int) -> None:
        read_request(connection)
        connection.sendall(said)

    with playing(says) as other, pytest.raises(TransientError) as raised:
        open_websocket(f"ws://127.0.0.1:{other.port}/?key=secret-key")
    assert "secret-key" not in str(raised.value)


def test_nobody_there_is_tried_again_later(allowed: None) -> None:
    with playing(lambda connection, number: None) as other:
        pass
    with pytest.raises(TransientError):
        open_websocket(f"ws://127.0.0.1:{other.port}/")
