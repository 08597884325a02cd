"""Ports and addresses on this machine."""

import errno
import socket
from collections.abc import Iterable

import psutil

from portal.supervisor.errors import StartRefused

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  compared only


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def check_port(host: str, port: int, *, variable: str = "PORT") -> None:
    """:raises StartRefused: if the web server could not listen there"""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "is in use by another program" if taken else f"cannot be used ({error.strerror})"
        raise StartRefused(f"port {port} on {host} {why}. Choose another: make run {variable}={port + 1}") from error


def reachable(host: str) -> str:
    """Return the address at which a server that listens on `host` can be asked from here."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104  compared only


def own_names(host: str) -> list[str]:
    """Return the names under which this machine's browsers, or its network's, reach a server on `host`.

    The last one is the one to show.
    """
    names = ["localhost", "127.0.0.1", "[::1]"]
    if host in LOOPBACK:
        return names
    called = socket.gethostname()
    mine = [called, f"{called.split('.')[0]}.local"]
    return [*names, *mine, *(lan_addresses() if host in EVERYWHERE else [host])]


def lan_addresses() -> list[str]:
    """Return this machine's addresses in its networks, IPv4, the one by which the network knows it last."""
    shown = lan_address()
    return [*(each for each in _addresses() if each != shown), shown]


def lan_address() -> str:
    """Return the address by which this machine's network knows it; 127.0.0.1 if there is no network."""
    return chosen(routed=_routed(), addresses=_addresses())


def chosen(*, routed: str, addresses: Iterable[str]) -> str:
    """Return the address of the route to the world; where there is none, as on a hotspot of its own, any other."""
    return routed or next(iter(addresses), "127.0.0.1")


def _routed() -> str:
    """Connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        address: str = probe.getsockname()[0]
    return "" if address.startswith("127.") else address


def _addresses() -> list[str]:
    states = psutil.net_if_stats()
    up = [links for name, links in psutil.net_if_addrs().items() if name in states and states[name].isup]
    found = [link.address for links in up for link in links if link.family == socket.AF_INET]
    return sorted(each for each in found if not each.startswith(("127.", "169.254.")))
