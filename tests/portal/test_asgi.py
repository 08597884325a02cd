"""What the ASGI application does with each kind of scope."""

import asyncio
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db.backends.signals import connection_created
from pytest_django.fixtures import Settings

from integrations.connections.installation import check_start
from integrations.connections.models import Installation
from integrations.inbox.asgi import close
from portal.asgi import application, threads

pytestmark = pytest.mark.django_db(transaction=True)


def _told(scope: dict[str, Any], *messages: dict[str, Any]) -> list[MutableMapping[str, Any]]:
    """Return what the application sends when it is told these messages."""
    waiting, sent = list(messages), []

    async def receive() -> MutableMapping[str, Any]:
        if not waiting:
            await asyncio.Event().wait()  # the client stays
        return waiting.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # a browser of other tests may have left its event loop in this one
        thread.submit(asyncio.run, application(scope, receive, send)).result()
    close()
    return sent


def test_a_start_is_refused_with_a_key_that_does_not_open_the_secrets(settings: Settings) -> None:
    check_start()
    fingerprint = Installation.objects.get().key_fingerprint
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    [answer] = _told({"type": "lifespan"}, {"type": "lifespan.startup"})

    assert answer["type"] == "lifespan.startup.failed"
    assert fingerprint in answer["message"]


def test_a_start_with_the_right_key_is_completed() -> None:
    sent = _told({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})

    assert [each["type"] for each in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_webhooks_are_answered_before_django() -> None:
    scope = {"type": "http", "method": "GET", "path": "/hooks/nobody-has-this-address/", "headers": []}

    start, _ = _told(scope, {"type": "http.request", "body": b""})

    assert start["status"] == 404
    assert b"x-correlation-id" not in dict(start["headers"])


def test_a_websocket_is_closed() -> None:
    assert _told({"type": "websocket", "path": "/", "headers": []}) == [{"type": "websocket.close", "code": 1000}]


def test_requests_one_after_the_other_share_a_thread_and_its_database_session() -> None:
    opened: list[object] = []
    path, headers = "/event-service/ingest/events", [(b"token", b"wrong"), (b"host", b"localhost")]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}

    def note(connection: object, **_: object) -> None:
        opened.append(connection)

    connection_created.connect(note)
    try:
        for _ in range(3):
            start, *_ = _told(scope, {"type": "http.request", "body": b"[]"})
            assert start["status"] == 401
    finally:
        connection_created.disconnect(note)
        threads.close()

    assert len(opened) == 1
