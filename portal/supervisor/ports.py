"""Ports and addresses on this machine."""

import errno
import socket

from portal.supervisor.errors import StartRefused

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def check_port(host: str, port: int) -> None:
    """:raises StartRefused: if the web server could not listen there"""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "is in use by another program" if taken else f"cannot be used ({error.strerror})"
        raise StartRefused(f"port {port} on {host} {why}. Choose another: make run PORT={port + 1}") from error


def reachable(host: str) -> str:
    """Return the address at which a server that listens on `host` can be asked from here."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104  compared only


def own_names(host: str) -> list[str]:
    """Return the names under which this machine's browsers, or its network's, reach a server on `host`."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    if host in LOOPBACK:
        return names
    return [*names, socket.gethostname(), lan_address() if host in ("0.0.0.0", "::") else host]  # noqa: S104  compared only


def lan_address() -> str:
    """Return the address by which this machine's network knows it; connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
    return address
