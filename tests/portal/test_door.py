"""The plain port beside https: the certificate, how to install it, and the way to everything else."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.types import Message

from portal.door import build_app
from portal.supervisor import certificates
from portal.supervisor.certificates import Files


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Door:
    def __init__(self, folder: Path) -> None:
        self.files = Files(folder)
        certificates.ensure(self.files, names=["van.local"], now=datetime.now(UTC))
        names = ["van.local", "192.168.1.20"]
        self._app = build_app(authority=self.files.authority, https_port=8443, names=names)

    def ask(self, target: str, *, method: str = "GET", host: str = "van.local:8000") -> Answer:
        path, _, query = target.partition("?")
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"password=secret"}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": method, "path": path, "query_string": query.encode(),
            "headers": [(b"host", host.encode())], "scheme": "http", "server": ("127.0.0.1", 8000),
        }  # fmt: skip
        asyncio.run(self._app(scope, receive, send))
        start, *rest = sent
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(each.get("body", b"") for each in rest).decode())


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path / "tls")


def test_the_page_says_how_to_install_the_certificate_and_shows_its_fingerprint(door: Door) -> None:
    page = door.ask("/")

    assert page.status == 200
    assert certificates.fingerprint(door.files) in page.text
    assert 'href="https://van.local:8443/"' in page.text
    for words in ("Certificate Trust Settings", "Install anyway", "/fieldport.crt"):
        assert words in page.text
    assert "$" not in page.text


def test_the_certificate_comes_as_phones_expect_it_and_the_key_does_not(door: Door) -> None:
    found = door.ask("/fieldport.crt")

    assert found.headers["content-type"] == "application/x-x509-ca-cert"
    assert found.text == door.files.authority.read_text()
    assert "PRIVATE KEY" not in found.text
    assert door.ask("/authority.key").status == 307


@pytest.mark.parametrize("host", ["van.local:8000", "192.168.1.20:8000", "van.local"])
def test_every_other_page_is_at_the_same_name_by_https(door: Door, host: str) -> None:
    found = door.ask("/field/connector/add?x=%26", host=host)

    assert found.status == 307
    assert found.headers["location"] == f"https://{host.partition(':')[0]}:8443/field/connector/add?x=%26"


def test_what_is_sent_is_not_passed_on(door: Door) -> None:
    found = door.ask("/admin/login/", method="POST")

    assert found.status == 403
    assert "location" not in found.headers
    assert "secret" not in found.text


def test_a_name_of_somebody_else_is_not_answered(door: Door) -> None:
    found = door.ask("/", host="evil.example")

    assert found.status == 400
    assert "evil.example" not in found.text
