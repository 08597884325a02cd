"""Relaying to an older receiver, over real HTTP."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from integrations.core.drain import drain
from integrations.core.work import WorkState
from integrations.inbox import jobs, relay
from integrations.inbox.models import ReceivedWebhook, WebhookRelay
from tests.echo_platform import EchoAdapter
from tests.factories import make_received, make_source

pytestmark = pytest.mark.django_db
BODY = b'{"id": "s1", "odd": "\xc3\xbc \\u0000"}'


class OldReceiver(HTTPServer):
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/scopear"


class Handler(BaseHTTPRequestHandler):
    server: OldReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def old(settings: Settings) -> Iterator[OldReceiver]:
    server = OldReceiver()
    settings.OUTBOUND_ALLOW = [urlsplit(server.url).netloc]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def relayed(url: str) -> WebhookRelay:
    make_received(
        source=make_source(relay_url=url),
        body=BODY,
        headers='[["x-scope-topic", "a/b"], ["host", "ours"]]',
        query="a=%2F",
    )
    drain(ReceivedWebhook, jobs.process)
    drain(WebhookRelay, relay.relay)
    return WebhookRelay.objects.get()


def test_a_request_is_passed_on_byte_for_byte(echo: EchoAdapter, old: OldReceiver) -> None:
    row = relayed(old.url)

    path, headers, body = old.got[0]
    assert (path, body) == ("/hooks/scopear?a=%2F", BODY)
    assert {name.lower(): value for name, value in headers.items()}["x-scope-topic"] == "a/b"
    assert headers["Host"] != "ours"
    assert (row.state, row.answer_status) == (WorkState.DONE, 200)


def test_an_older_receiver_that_is_down_delays_nothing_of_ours(echo: EchoAdapter, old: OldReceiver) -> None:
    old.status = 503

    row = relayed(old.url)

    assert (row.state, row.attempts, row.answer_status) == (WorkState.DUE, 1, 503)
    assert ReceivedWebhook.objects.get().state == WorkState.DONE


def test_a_private_address_is_not_relayed_to(echo: EchoAdapter, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = []

    row = relayed("http://169.254.169.254/latest")

    assert row.state == WorkState.FAILED
    assert "169.254.169.254" in row.note


def test_nothing_is_relayed_in_capture_mode(echo: EchoAdapter, old: OldReceiver, settings: Settings) -> None:
    settings.OUTBOUND = "capture"

    row = relayed(old.url)

    assert row.state == WorkState.SKIPPED
    assert old.got == []


def test_a_replay_is_not_relayed_again(echo: EchoAdapter, old: OldReceiver) -> None:
    relayed(old.url)
    ReceivedWebhook.objects.update(state=WorkState.DUE, replays=1)

    drain(ReceivedWebhook, jobs.process)
    drain(WebhookRelay, relay.relay)

    assert len(old.got) == 1
