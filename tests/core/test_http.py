import gzip
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from pytest_django import Settings
from requests.auth import AuthBase, HTTPBasicAuth

from integrations.core import network, transport
from integrations.core.errors import (
    AddressRefused,
    AnswerTooLarge,
    AuthFailed,
    Captured,
    FieldportError,
    Forbidden,
    NotFound,
    OutboundOff,
    Paused,
    PermanentError,
    TransientError,
    Unsure,
)
from integrations.core.http import OutboundClient
from integrations.core.ids import correlated
from tests.core.local_servers import Reply, Seen, Server, playing, read_request, serving

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def allow(settings: Settings) -> Callable[[Server], None]:
    """Allow-list exactly one server's port; anything else on loopback stays refused."""
    settings.OUTBOUND = "live"

    def allow(server: Server) -> None:
        settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, f"127.0.0.1:{server.port}"]

    settings.OUTBOUND_ALLOW = []
    return allow


Allow = Callable[[Server], None]


class Bearer(AuthBase):
    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.tokens[0]}"
        return request

    def renew(self) -> bool:
        self.tokens.pop(0)
        return bool(self.tokens)


def test_a_request_goes_below_the_base_address_with_our_headers_and_credentials(allow: Allow) -> None:
    with serving() as server, correlated("c0ffee"):
        allow(server)
        client = OutboundClient(
            base_url=f"{server.url}/api/", auth=HTTPBasicAuth("ann", "pw"), headers={"X-Tenant": "7"}
        )

        answer = client.request("GET", "/orders/1", params={"q": "a b"}, headers={"X-Own": "1"})

    sent = server.seen[0]
    assert answer.json() == {"ok": True}
    assert (sent.method, sent.path) == ("GET", "/api/orders/1?q=a+b")
    assert sent.headers["User-Agent"].startswith("Fieldport/")
    assert (sent.headers["X-Correlation-Id"], sent.headers["X-Tenant"], sent.headers["X-Own"]) == ("c0ffee", "7", "1")
    assert sent.headers["Authorization"].startswith("Basic ")


def test_json_forms_and_files_are_sent_as_such(allow: Allow) -> None:
    with serving() as server:
        allow(server)
        client = OutboundClient(base_url=server.url)
        client.request("PATCH", "/a", json={"n": 1})
        client.request("POST", "/b", data={"grant_type": "x"})
        client.request("PUT", "/c", data=b"\x00raw")
        client.request("POST", "/d", files={"file": ("p.jpg", b"bytes", "image/jpeg")})

    bodies = [seen.body for seen in server.seen]
    assert bodies[:3] == [b'{"n": 1}', b"grant_type=x", b"\x00raw"]
    assert b'filename="p.jpg"' in bodies[3]


def test_connections_are_kept_alive_across_clients(allow: Allow) -> None:
    with serving() as server:
        allow(server)
        for _ in range(3):
            OutboundClient(base_url=server.url).request("GET", "/")

    assert len({seen.client_port for seen in server.seen}) == 1


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://127.0.0.1:1/", "not the host"),
        ("http://localhost/", "not the host"),
        ("https://example.com/", "not the host"),
        ("ftp://example.com/x", "starts with"),
        ("/a/../../admin", r"\.\."),
        ("/a/%2e%2E/admin", r"\.\."),
        ("..", r"\.\."),
    ],
)
def test_an_address_outside_the_connection_is_refused(allow: Allow, url: str, rule: str) -> None:
    with serving() as server:
        allow(server)
        with pytest.raises(AddressRefused, match=rule):
            OutboundClient(base_url=f"{server.url}/api", auth=Bearer("t")).request("GET", url)

        assert server.seen == []


@pytest.mark.parametrize(
    "path", ["@127.0.0.2/", "//127.0.0.2/x", ":80@127.0.0.2/", ".evil.example/", "\\\\127.0.0.2\\x"]
)
def test_no_path_changes_the_host(allow: Allow, path: str) -> None:
    with serving() as server:
        allow(server)
        OutboundClient(base_url=server.url).request("GET", path)

        assert len(server.seen) == 1


def test_a_listed_host_gets_the_request_without_our_credentials(allow: Allow, settings: Settings) -> None:
    with serving() as own, serving() as other:
        allow(own)
        allow(other)
        client = OutboundClient(
            base_url=own.url, auth=Bearer("t"), headers={"X-Key": "k"}, allow_hosts=[f"127.0.0.1:{other.port}"]
        )
        client.request("GET", f"{own.url}/x")
        client.request("GET", f"{other.url}/photo")

    assert own.seen[0].headers["Authorization"] == "Bearer t"
    assert not {"Authorization", "X-Key"} & other.seen[0].headers.keys()


def test_every_public_host_may_be_listed_and_loopback_is_still_refused(allow: Allow) -> None:
    with serving() as server:
        client = OutboundClient(base_url="https://cms.example", allow_hosts=["*", f"127.0.0.1:{server.port}"])
        with pytest.raises(AddressRefused, match="loopback"):
            client.request("GET", f"{server.url}/")

        assert server.seen == []


@pytest.mark.parametrize(
    "host", ["0x7f.1", "2130706433", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "localhost", "[::1]"]
)
def test_loopback_in_any_form_is_refused(allow: Allow, host: str) -> None:
    with serving() as server:
        with pytest.raises(AddressRefused):
            OutboundClient(base_url=f"http://{host}:{server.port}").request("GET", "/")

        assert server.seen == []


def test_a_name_that_is_bound_anew_is_judged_at_each_connection(
    allow: Allow, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    real = network.resolve
    monkeypatch.setattr(network, "resolve", lambda host, port: real("127.0.0.1", port))
    with serving() as server:
        with pytest.raises(AddressRefused, match=r"rebinding\.example"):
            OutboundClient(base_url=f"http://rebinding.example:{server.port}").request("GET", "/")

        assert server.seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_its_target_is_named(allow: Allow, status: int) -> None:
    with serving() as inner:

        def redirect(seen: Seen) -> Reply:
            return Reply(status, b"", {"Location": f"{inner.url}/metadata?key=1"})

        with serving(redirect) as server:
            allow(server)
            allow(inner)
            with pytest.raises(PermanentError, match=r"points to http://127\.0\.0\.1/metadata\. Redirects"):
                OutboundClient(base_url=server.url, auth=Bearer("t")).request("GET", "/")

        assert inner.seen == []


@pytest.mark.parametrize(
    ("status", "kind", "effect_kind"),
    [
        (400, PermanentError, PermanentError),
        (401, AuthFailed, AuthFailed),
        (403, Forbidden, Forbidden),
        (404, NotFound, NotFound),
        (408, TransientError, TransientError),
        (409, PermanentError, PermanentError),
        (410, NotFound, NotFound),
        (422, PermanentError, PermanentError),
        (425, TransientError, TransientError),
        (429, TransientError, TransientError),
        (500, TransientError, Unsure),
        (502, TransientError, Unsure),
        (503, TransientError, TransientError),
        (504, TransientError, Unsure),
    ],
)
def test_each_status_has_its_error(
    allow: Allow, status: int, kind: type[FieldportError], effect_kind: type[FieldportError]
) -> None:
    with serving(lambda seen: Reply(status, b"what went wrong")) as server:
        allow(server)
        client = OutboundClient(base_url=server.url)
        with pytest.raises(FieldportError, match=f"GET {server.url}/x: answered {status}") as read:
            client.request("GET", "/x", params={"key": "hidden"})
        with pytest.raises(FieldportError) as effect:
            client.request("POST", "/x", json={})
        untouched = client.request("GET", "/x", raise_for_status=False)

    assert (type(read.value), type(effect.value)) == (kind, effect_kind)
    assert (read.value.status, read.value.body_start) == (status, "what went wrong")
    assert untouched.status_code == status


def test_a_post_that_only_reads_can_say_so(allow: Allow) -> None:
    with serving(lambda seen: Reply(500)) as server:
        allow(server)
        with pytest.raises(TransientError) as caught:
            OutboundClient(base_url=server.url).request("POST", "/graphql", json={}, effect=False)

    assert type(caught.value) is TransientError


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 7), ("999999999", 86400, 86400), ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0), ("soon", None, None)],
)
def test_retry_after_is_read_and_capped(allow: Allow, header: str, least: float | None, most: float | None) -> None:
    with serving(lambda seen: Reply(429, b"", {"Retry-After": header})) as server:
        allow(server)
        with pytest.raises(TransientError) as caught:
            OutboundClient(base_url=server.url).request("GET", "/")

    assert caught.value.retry_after == least == most


def test_the_start_of_an_answer_is_shown_without_the_secrets_that_it_repeats(allow: Allow) -> None:
    def echo(seen: Seen) -> Reply:
        said = f"bad token {seen.headers['Authorization']} {seen.path} " + '{"client_secret": "abc123"}' + "x" * 5000
        return Reply(400, said.encode())

    class QueryKey(Bearer):
        def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.prepare_url(str(request.url), {"key": "query-key-9"})
            return super().__call__(request)

    with serving(echo) as server:
        allow(server)
        with pytest.raises(PermanentError) as caught:
            OutboundClient(base_url=server.url, auth=QueryKey("s3cret-token")).request(
                "GET", "/", params={"a": "shown"}
            )

    shown = caught.value.body_start + str(caught.value)
    assert "bad token" in shown
    assert "shown" in shown
    assert len(caught.value.body_start) == 400
    assert not any(secret in shown for secret in ("s3cret-token", "query-key-9", "abc123"))


def test_a_401_is_answered_by_one_new_sign_in(allow: Allow) -> None:
    def judge(seen: Seen) -> Reply:
        return Reply(200 if seen.headers["Authorization"] == "Bearer new" else 401)

    with serving(judge) as server:
        allow(server)
        OutboundClient(base_url=server.url, auth=Bearer("old", "new")).request("PATCH", "/", json={"n": 1})
        with pytest.raises(AuthFailed):
            OutboundClient(base_url=server.url, auth=Bearer("old", "older", "new")).request("GET", "/")

    assert [seen.headers["Authorization"][7:] for seen in server.seen] == ["old", "new", "old", "older"]
    assert server.seen[1].body == b'{"n": 1}'


def test_in_capture_mode_reads_are_sent_and_effects_are_not(allow: Allow, settings: Settings) -> None:
    with serving() as server:
        allow(server)
        OutboundClient(base_url=server.url, capture=True).request("GET", "/read")
        OutboundClient(base_url=server.url, capture=True).request("POST", "/graphql", effect=False)
        with pytest.raises(Captured, match="capture mode"):
            OutboundClient(base_url=server.url, capture=True).request("POST", "/write")
        settings.OUTBOUND = "capture"
        with pytest.raises(Captured):
            OutboundClient(base_url=server.url).request("DELETE", "/write")
        with pytest.raises(Captured):
            OutboundClient(base_url=server.url).request("GET", "/fire", effect=True)

    assert [seen.path for seen in server.seen] == ["/read", "/graphql"]


def test_with_outbound_off_nothing_is_sent(allow: Allow, settings: Settings) -> None:
    with serving() as server:
        allow(server)
        settings.OUTBOUND = "off"
        with pytest.raises(OutboundOff, match="OUTBOUND=off"):
            OutboundClient(base_url=server.url).request("GET", "/")

        assert server.seen == []


def test_the_gate_is_held_around_each_send_and_may_refuse(allow: Allow) -> None:
    held: list[str] = []

    @contextmanager
    def gate() -> Iterator[float]:
        held.append("in")
        yield math.inf
        held.append("out")

    def paused() -> object:
        raise Paused("The connection is paused.")

    with serving() as server:
        allow(server)
        OutboundClient(base_url=server.url, gate=gate).request("GET", "/")
        with pytest.raises(Paused):
            OutboundClient(base_url=server.url, gate=paused).request("GET", "/")  # type: ignore[arg-type]  # raises first

        assert held == ["in", "out"]
        assert len(server.seen) == 1


def test_an_answer_over_the_cap_is_refused_however_it_is_packed(allow: Allow) -> None:
    packed = gzip.compress(b"0" * 3_000_000)

    def answer(seen: Seen) -> Reply:
        return Reply(200, packed, {"Content-Encoding": "gzip"}) if seen.path == "/bomb" else Reply(200, b"1" * 100_001)

    with serving(answer) as server:
        allow(server)
        client = OutboundClient(base_url=server.url, max_bytes=100_000)
        for path in ("/bomb", "/plain"):
            with pytest.raises(AnswerTooLarge, match="100000 bytes") as caught:
                client.request("GET", path)
            assert caught.value.status == 200

    assert len(packed) < 100_000


def test_an_answer_without_a_length_is_capped_too(allow: Allow) -> None:
    def endless(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with playing(endless) as server:
        allow(server)
        with pytest.raises(AnswerTooLarge):
            OutboundClient(base_url=server.url).request("GET", "/")


def test_too_many_header_bytes_are_refused(allow: Allow) -> None:
    with serving(lambda seen: Reply(200, b"", {f"X-{n}": "v" * 9000 for n in range(9)})) as server:
        allow(server)
        with pytest.raises(AnswerTooLarge):
            OutboundClient(base_url=server.url).request("GET", "/")


def drip(connection: socket.socket, number: int) -> None:
    read_request(connection)
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def silent(connection: socket.socket, number: int) -> None:
    read_request(connection)
    time.sleep(3)


def drip_body(connection: socket.socket, number: int) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("play", [drip, silent, drip_body])
def test_the_total_time_holds_against_a_slow_sender(allow: Allow, play: Callable[[socket.socket, int], None]) -> None:
    with playing(play) as server:
        allow(server)
        client = OutboundClient(base_url=server.url, timeout=0.3)
        started = time.monotonic()
        with pytest.raises(TransientError) as read:
            client.request("GET", "/")
        with pytest.raises(Unsure, match="may have been carried out"):
            client.request("POST", "/")
        took = time.monotonic() - started

    assert type(read.value) is TransientError
    assert took < 1.5


def dropped_at_once(connection: socket.socket, number: int) -> None:
    read_request(connection)


def truncated(connection: socket.socket, number: int) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")


def nonsense(connection: socket.socket, number: int) -> None:
    read_request(connection)
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


@pytest.mark.parametrize("play", [dropped_at_once, truncated, nonsense])
def test_a_dropped_effect_is_unsure_and_a_dropped_read_transient(
    allow: Allow, play: Callable[[socket.socket, int], None]
) -> None:
    with playing(play) as server:
        allow(server)
        client = OutboundClient(base_url=server.url)
        with pytest.raises(TransientError) as read:
            client.request("GET", "/")
        with pytest.raises(Unsure):
            client.request("PATCH", "/", json={})

        assert type(read.value) is TransientError
        assert len(server.seen) == 2


def test_a_refused_connection_was_surely_not_sent(allow: Allow) -> None:
    with serving() as server:
        allow(server)
    with pytest.raises(TransientError, match=r"refused.*Nothing was sent") as caught:
        OutboundClient(base_url=server.url).request("POST", "/")

    assert type(caught.value) is TransientError


def test_what_was_stopped_until_its_time_was_up_does_not_send_any_more(
    allow: Allow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after SIGSTOP between the gate and the socket: the lease is gone, and someone else may have sent it."""
    send = transport.send

    def stopped(*args: Any, **kwargs: Any) -> Any:
        time.sleep(0.3)
        return send(*args, **kwargs)

    with serving() as server:
        allow(server)
        client = OutboundClient(server.url, timeout=0.2)
        client.request("GET", "/")
        monkeypatch.setattr(transport, "send", stopped)

        with pytest.raises(TransientError) as raised:
            client.request("POST", "/orders", json={"state": "old"})

        assert not isinstance(raised.value, Unsure)
        time.sleep(0.1)
        assert [seen.method for seen in server.seen] == ["GET"]


def test_a_name_that_does_not_resolve_was_surely_not_sent(allow: Allow, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_answer(host: str, port: int) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(network, "resolve", no_answer)
    with pytest.raises(TransientError, match=r"not known.*Nothing was sent"):
        OutboundClient(base_url="https://nowhere.example").request("POST", "/")


def test_a_read_that_meets_a_closed_idle_connection_is_asked_again_and_an_effect_is_not(allow: Allow) -> None:
    def closes_on_the_second(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(OK)
        if number in (1, 3):
            read_request(connection)  # takes the second request and closes without a word
            return
        time.sleep(2)

    with playing(closes_on_the_second) as server:
        allow(server)
        client = OutboundClient(base_url=server.url)
        client.request("GET", "/")
        assert client.request("GET", "/").text == "ok"
        assert len(server.seen) == 2

    with playing(closes_on_the_second) as server:
        allow(server)
        client = OutboundClient(base_url=server.url)
        client.request("GET", "/")
        with pytest.raises(Unsure):
            client.request("POST", "/")
        assert len(server.seen) == 1


def test_an_effect_takes_a_fresh_connection_after_a_pause(allow: Allow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.core.sockets.IDLE_SECONDS_BEFORE_EFFECT", 0.05)
    with serving() as server:
        allow(server)
        client = OutboundClient(base_url=server.url)
        client.request("GET", "/")
        time.sleep(0.1)
        client.request("GET", "/")
        time.sleep(0.1)
        client.request("POST", "/")

    ports = [seen.client_port for seen in server.seen]
    assert ports[0] == ports[1] != ports[2]


@pytest.mark.parametrize("headers", [{"X-Note": "a\r\nEvil: 1"}, {"X-Note": "снег"}, {"X-Note\r\nEvil": "1"}])
def test_a_header_that_http_cannot_carry_is_refused(allow: Allow, headers: dict[str, str]) -> None:
    with serving() as server:
        allow(server)
        with pytest.raises(PermanentError, match="cannot be built"):
            OutboundClient(base_url=server.url).request("POST", "/", headers=headers)

        assert server.seen == []


def test_no_proxy_is_taken_from_the_environment(allow: Allow, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy, serving() as server:
        allow(server)
        allow(proxy)
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        OutboundClient(base_url=server.url).request("GET", "/")

        assert proxy.seen == []
        assert len(server.seen) == 1


def test_cookies_are_not_kept(allow: Allow) -> None:
    with serving(lambda seen: Reply(200, b"", {"Set-Cookie": "session=1"})) as server:
        allow(server)
        client = OutboundClient(base_url=server.url)
        client.request("GET", "/")
        client.request("GET", "/")

    assert "Cookie" not in server.seen[1].headers


def test_clients_are_shared_by_threads_safely(allow: Allow) -> None:
    with serving(lambda seen: Reply(200, seen.path.encode())) as server:
        allow(server)
        client = OutboundClient(base_url=server.url)
        wrong: list[str] = []

        def ask(name: int) -> None:
            for count in range(20):
                path = f"/{name}/{count}"
                if client.request("GET", path).text != path:
                    wrong.append(path)

        threads = [threading.Thread(target=ask, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert wrong == []
    assert len(server.seen) == 160


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("DELETE", 204), ("GET", 204)])
def test_answers_without_a_body_leave_the_connection_usable(allow: Allow, method: str, status: int) -> None:
    with serving(lambda seen: Reply(status, b"" if status == 204 else b"body")) as server:
        allow(server)
        client = OutboundClient(base_url=server.url)
        for _ in range(2):
            answer = client.request(method, "/")
            assert (answer.status_code, answer.content) == (status, b"")

    assert len({seen.client_port for seen in server.seen}) == 1
