import socket
from ipaddress import ip_address

import pytest
from pytest_django import Settings

from integrations.core import network
from integrations.core.addresses import allow_list, refusal
from integrations.core.errors import AddressRefused
from tests.core.local_servers import playing

NOT_PUBLIC = (
    # loopback and unspecified
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "::1",
    "::",
    # private, shared, link-local
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.0.1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    # metadata services
    "169.254.169.254",
    "fd00:ec2::254",
    "168.63.129.16",
    "100.100.100.200",
    # multicast, broadcast, reserved, documentation
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "240.0.0.1",
    "ff02::1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "192.88.99.1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    # IPv4 inside IPv6: mapped, compatible, 6to4, Teredo, NAT64
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "::7f00:1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
)
UNUSUAL_FORMS = (
    "0177.0.0.1",
    "0177.0.0.01",
    "0x7f.0.0.1",
    "0x7f000001",
    "0x7f.1",
    "2130706433",
    "017700000001",
    "127.1",
    "127.0.1",
    "0",
    "127.0.0.1.",
    "127.0.0.0x1",
    "1.2.3.4.5",
    "256.0.0.1",
    "08.8.8.8",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "\u2460\u2461\u2466.0.0.1",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "::1%lo",
    "2606:4700::1%1",
)
PUBLIC = (
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "64:ff9b::8.8.8.8",
    "223.255.255.1",
)


def url_of(host: str) -> str:
    return f"https://[{host}]/" if ":" in host else f"https://{host}/"


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Addresses that a connection was opened to; none is really opened."""
    opened: list[tuple[str, int]] = []

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        opened.append(address)

    class Recording(socket.socket):
        pass

    Recording.connect = connect  # type: ignore[method-assign,assignment]  # a socket that goes nowhere
    monkeypatch.setattr(socket, "socket", Recording)
    return opened


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused_when_saved_and_when_connecting(
    address: str, connected: list[tuple[str, int]]
) -> None:
    with pytest.raises(AddressRefused, match="OUTBOUND_ALLOW"):
        network.check_url(url_of(address))
    with pytest.raises(AddressRefused, match="the address is"):
        network.connect(address, 443, timeout=1, socket_class=socket.socket)

    assert connected == []


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_resolves_to_such_an_address_is_refused(
    address: str, connected: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "resolve", lambda host, port: [ip_address(address)])

    assert network.check_url("https://looks-harmless.example/") == []
    with pytest.raises(AddressRefused, match=r"looks-harmless\.example"):
        network.check_url("https://looks-harmless.example/", resolving=True)
    with pytest.raises(AddressRefused, match=r"looks-harmless\.example"):
        network.connect("looks-harmless.example", 443, timeout=1, socket_class=socket.socket)

    assert connected == []


@pytest.mark.parametrize("host", UNUSUAL_FORMS)
def test_an_unusual_form_of_an_address_is_refused_before_anyone_resolves_it(
    host: str, connected: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(network, "resolve", lambda host, port: asked.append(host))

    with pytest.raises(AddressRefused):
        network.check_url(url_of(host))
    with pytest.raises(AddressRefused):
        network.connect(host, 443, timeout=1, socket_class=socket.socket)

    assert (asked, connected) == ([], [])


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_passes(address: str, connected: list[tuple[str, int]]) -> None:
    network.check_url(url_of(address))
    network.connect(address, 443, timeout=1, socket_class=socket.socket).close()

    assert connected == [(str(ip_address(address)), 443)]


@pytest.mark.parametrize(
    "url",
    [
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com@127.0.0.1/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "example.com",
        "https://",
        "https:///path",
        "https://exam ple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com\r\nHost: other/",
        "https://example.com:99999/",
        "https://example.com:0/",
        "https://example.com:http/",
        "https://[::1/",
        "https://[nonsense]/",
        "http://localhost/",
        "http://anything.localhost:8000/",
    ],
)
def test_a_url_that_is_no_public_http_address_is_refused_when_saved(url: str) -> None:
    with pytest.raises(AddressRefused):
        network.check_url(url)


def test_a_url_without_encryption_is_saved_with_a_warning() -> None:
    assert network.check_url("http://example.com/") == ["Not encrypted: the address does not start with https://."]
    assert network.check_url("https://example.com:8443/path?query=1") == []


def test_a_name_that_does_not_resolve_now_is_saved_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_answer(host: str, port: int) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(network, "resolve", no_answer)

    assert network.check_url("https://later.example/", resolving=True) == [
        "The name later.example does not resolve at the moment."
    ]


def test_a_name_that_changes_between_two_looks_gains_nothing(
    connected: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["8.8.8.8", "127.0.0.1"])
    monkeypatch.setattr(network, "resolve", lambda host, port: [ip_address(next(answers))])

    network.connect("rebinding.example", 80, timeout=1, socket_class=socket.socket).close()
    with pytest.raises(AddressRefused):
        network.connect("rebinding.example", 80, timeout=1, socket_class=socket.socket)

    assert connected == [("8.8.8.8", 80)]


def test_of_several_addresses_only_the_permitted_ones_are_tried(
    connected: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [ip_address(text) for text in ("127.0.0.1", "::1", "10.0.0.5", "8.8.4.4")]
    monkeypatch.setattr(network, "resolve", lambda host, port: found)

    network.connect("mixed.example", 443, timeout=1, socket_class=socket.socket).close()

    assert connected == [("8.8.4.4", 443)]


def test_the_next_address_is_tried_when_one_does_not_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with playing(lambda connection, number: None) as server:
        found = [ip_address("127.0.0.99"), ip_address("127.0.0.1")]
        monkeypatch.setattr(network, "resolve", lambda host, port: found)

        sock = network.connect("two.example", server.port, timeout=5)

        with sock:
            assert sock.getpeername()[0] == "127.0.0.1"


def test_an_allow_listed_port_of_loopback_opens_no_other_port(settings: Settings) -> None:
    with playing(lambda connection, number: None) as open_door, playing(lambda connection, number: None) as closed_door:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{open_door.port}"]

        network.connect("127.0.0.1", open_door.port, timeout=5).close()
        network.connect("localhost", open_door.port, timeout=5).close()
        with pytest.raises(AddressRefused):
            network.connect("127.0.0.1", closed_door.port, timeout=5)

        assert closed_door.seen == []


def test_a_network_on_the_allow_list_opens_that_network_only(
    settings: Settings, connected: list[tuple[str, int]]
) -> None:
    settings.OUTBOUND_ALLOW = ["10.20.0.0/16", "fd12::/32:8443"]

    network.connect("10.20.3.4", 8080, timeout=1, socket_class=socket.socket).close()
    network.connect("::ffff:10.20.3.4", 8080, timeout=1, socket_class=socket.socket).close()
    network.connect("fd12::7", 8443, timeout=1, socket_class=socket.socket).close()
    for host, port in (("10.21.0.1", 8080), ("fd12::7", 443), ("fd13::7", 8443)):
        with pytest.raises(AddressRefused):
            network.connect(host, port, timeout=1, socket_class=socket.socket)

    assert connected == [("10.20.3.4", 8080), ("::ffff:a14:304", 8080), ("fd12::7", 8443)]


def test_a_name_on_the_allow_list_may_be_private_but_not_a_metadata_service(
    settings: Settings, connected: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOUND_ALLOW = ["erp.internal:443", "0.0.0.0/0"]
    monkeypatch.setattr(network, "resolve", lambda host, port: [ip_address("192.168.7.7")])
    network.connect("ERP.internal", 443, timeout=1, socket_class=socket.socket).close()

    monkeypatch.setattr(network, "resolve", lambda host, port: [ip_address("169.254.169.254")])
    with pytest.raises(AddressRefused, match="metadata"):
        network.connect("erp.internal", 443, timeout=1, socket_class=socket.socket)
    with pytest.raises(AddressRefused, match="metadata"):
        network.connect("169.254.169.254", 80, timeout=1, socket_class=socket.socket)

    assert connected == [("192.168.7.7", 443)]


@pytest.mark.parametrize("entry", ["localhost", "erp.internal:0", "erp.internal:x", "10.0.0.0/33", ":80", "10.0.0.1/8"])
def test_an_unreadable_entry_of_the_allow_list_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="OUTBOUND_ALLOW"):
        allow_list((entry,))


def test_every_refusal_names_its_rule() -> None:
    rules = {refusal(ip_address(address)) for address in NOT_PUBLIC}

    assert "" not in rules
    assert {"loopback", "private", "link-local", "a metadata service", "multicast", "reserved"} <= rules
