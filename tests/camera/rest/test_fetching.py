"""A photo named by its address is fetched through the guarded door."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pytest_django.fixtures import Settings

from integrations.camera.models import Input
from tests.camera.conftest import Said
from tests.camera.making import picture
from tests.camera.rest.program import Program, photo

pytestmark = pytest.mark.django_db
asked: list[dict[str, str]] = []


class Shop(BaseHTTPRequestHandler):
    """A field app's store of photos."""

    def do_GET(self) -> None:
        asked.append(dict(self.headers))
        body = {"/1.jpg": picture(), "/page": b"<html>", "/huge": bytes(9 * 1024 * 1024)}.get(self.path, b"")
        self.send_response(302 if self.path == "/elsewhere" else 200 if body else 404)
        self.send_header("Location", "/1.jpg")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = Thread(target=server.serve_forever)
    thread.start()
    asked.clear()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_photo_is_fetched_from_its_address(program: Program, engine: Said, shop: str, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = [shop]
    order = program.create()

    answer = program.analyze(order, photo(f"http://{shop}/1.jpg"))

    assert (answer.status_code, Input.objects.count()) == (200, 1)
    (headers,) = asked
    assert "Authorization" not in headers


@pytest.mark.parametrize(("path", "status"), [("/missing", 400), ("/page", 400), ("/elsewhere", 400), ("/huge", 413)])
def test_what_is_no_photo_there_is_refused(
    program: Program, engine: Said, shop: str, settings: Settings, path: str, status: int
) -> None:
    settings.OUTBOUND_ALLOW = [shop]
    order = program.create()

    answer = program.analyze(order, photo(f"http://{shop}{path}"))

    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)
    assert not Input.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "http://{shop}/1.jpg",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0x7f000001/",
        "http://user:secret@{shop}/1.jpg",
        "file:///etc/passwd",
        "ftp://{shop}/1.jpg",
        "http://",
        "https://[",
        "http://a" + "a" * 5000,
        "http://exa mple/\r\nX: y",
    ],
)
def test_an_address_inside_is_not_reached(program: Program, engine: Said, shop: str, address: str) -> None:
    order = program.create()

    answer = program.analyze(order, photo(address.format(shop=shop)))

    assert (answer.status_code, bool(answer.json()["detail"])) == (400, True)
    assert asked == []
    assert not Input.objects.exists()
