"""`make run HTTPS=1`: pages by https only, with a certificate that follows the machine's addresses."""

import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from portal.supervisor import certificates, ports
from portal.supervisor.certificates import Files
from portal.supervisor.ports import free_port
from tests.portal.installation import Run, running, until

pytestmark = pytest.mark.embedded


class Secure:
    """The running installation, asked by clients that trust its authority and nobody else."""

    def __init__(self, run: Run, port: int) -> None:
        self.run, self.port, self.files = run, port, Files(run.data / "tls")
        self.jar = CookieJar()

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.files.authority)

    def opener(self) -> urllib.request.OpenerDirector:
        handlers = urllib.request.HTTPSHandler(context=self.trusting()), urllib.request.HTTPCookieProcessor(self.jar)
        return urllib.request.build_opener(*handlers)

    def is_ready(self, host: str = "localhost") -> bool:
        try:
            with self.opener().open(f"https://{host}:{self.port}/readyz", timeout=5) as answer:
                return bool(json.loads(answer.read())["ready"])
        except (OSError, ValueError):
            return False

    def serial(self) -> str:
        """Return the serial number of the certificate that is served."""
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain,
            self.trusting().wrap_socket(plain, server_hostname="localhost") as link,
        ):
            return str((link.getpeercert() or {})["serialNumber"])


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    port = free_port()
    given = {"HTTPS": "1", "HTTPS_PORT": str(port)}
    with running(tmp_path_factory.mktemp("run") / "var", port=free_port(), **given) as run:
        found = Secure(run, port)
        until(lambda: found.files.authority.exists() and found.is_ready())
        until(lambda: run.said("Fieldport is ready"), seconds=20)
        yield found


def test_it_says_both_addresses_and_the_fingerprint(secure: Secure) -> None:
    lan = ports.lan_address()

    assert secure.run.said(f"Open     https://{lan}:{secure.port}/admin/")
    assert secure.run.said(f"http://{lan}:{secure.run.port}/")
    assert secure.run.said(certificates.fingerprint(secure.files))
    assert secure.run.said("█▄▄▄█")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", ports.lan_address()])
def test_whoever_trusts_the_authority_gets_in_by_each_address(secure: Secure, host: str) -> None:
    assert secure.is_ready(host)


def test_whoever_does_not_trust_it_is_warned(secure: Secure) -> None:
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"https://localhost:{secure.port}/healthz", timeout=5)


def test_only_the_owner_may_read_the_keys(secure: Secure) -> None:
    kept = [path for path in secure.files.folder.rglob("*") if path.stat().st_mode & 0o077]

    assert kept == []
    assert secure.files.authority_key.exists()


def test_the_plain_port_serves_nothing_of_the_portal(secure: Secure) -> None:
    plain = f"http://localhost:{secure.run.port}"
    with urllib.request.urlopen(f"{plain}/fieldport.crt", timeout=5) as answer:
        given = answer.read()
    with pytest.raises(urllib.error.HTTPError) as sent:
        urllib.request.urlopen(f"{plain}/admin/login/", data=b"username=admin", timeout=5)

    assert given == secure.files.authority.read_bytes()
    assert sent.value.code == 403
    assert "set-cookie" not in sent.value.headers
    with secure.opener().open(f"{plain}/admin/login/?next=/admin/", timeout=20) as page:
        assert page.url == f"https://localhost:{secure.port}/admin/login/?next=/admin/"


def test_somebody_logs_in_and_the_session_is_for_https_only(secure: Secure) -> None:
    [said] = [line for line in secure.run.lines if "shown only now" in line]
    password = said.split("password ")[1].split()[0]
    opener, address = secure.opener(), f"https://localhost:{secure.port}/admin/login/"
    with opener.open(address, timeout=20):
        token = next(each.value for each in secure.jar if each.name == "csrftoken")
    form = urlencode({"username": "admin", "password": password, "csrfmiddlewaretoken": token, "next": "/admin/"})
    whence = {"Referer": address, "Origin": f"https://localhost:{secure.port}"}

    with opener.open(urllib.request.Request(address, form.encode(), whence), timeout=20) as page:
        assert page.url.endswith("/admin/")

    assert {each.name for each in secure.jar if each.secure} >= {"csrftoken", "sessionid"}


@pytest.mark.browser
def test_a_browser_gets_the_camera(secure: Secure, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()

    page.goto(f"https://{ports.lan_address()}:{secure.port}/admin/login/")

    assert page.evaluate("window.isSecureContext && 'getUserMedia' in navigator.mediaDevices")
    context.close()


def test_when_its_address_changes_it_serves_a_certificate_for_the_new_one(secure: Secure) -> None:
    """The machine's address stays; the certificate becomes one of another address, as after a move."""
    if ports.lan_address() == "127.0.0.1":
        pytest.skip("this machine is in no network")
    before = secure.serial()
    certificates._make_server(secure.files, ["localhost", "192.0.2.77"], now=datetime.now(UTC))

    until(lambda: secure.run.said("another address in its network now"), seconds=60)
    until(lambda: secure.is_ready(ports.lan_address()), seconds=60)

    assert secure.serial() != before
    assert len(secure.run.children("portal.serve")) == 1


def test_a_port_that_is_taken_is_named_with_a_way_out(secure: Secure, tmp_path: Path) -> None:
    given = {"HTTPS": "1", "HTTPS_PORT": str(secure.port)}

    with running(tmp_path / "var", port=free_port(), **given) as second:
        assert second.process.wait(timeout=30) == 1

    assert second.said(f"make run HTTPS_PORT={secure.port + 1}")
    assert not (tmp_path / "var").exists()
