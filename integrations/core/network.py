"""The address guard: every address that an admin, a script or a payload can set is judged here, when connecting.

A name is resolved once, each of its addresses is judged, and the connection goes to an address that passed: a name that
resolves differently a moment later gains nothing. Only public unicast addresses pass, and what `OUTBOUND_ALLOW` lists.
"""

import re
import socket
import time
from collections.abc import Sequence
from ipaddress import IPv4Address, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from integrations.core.addresses import IPAddress, allow_list, canonical_host, embedded, literal, refusal
from integrations.core.errors import AddressRefused


def check(host: str, port: int, *, address: IPAddress) -> None:
    """Let a resolved address pass, or say why not.

    :raises AddressRefused: naming the rule
    """
    rule = refusal(address)
    if not rule:
        return
    judged = embedded(address)
    entries = allow_list(tuple(settings.OUTBOUND_ALLOW))
    if any(entry.covers(host, port, address=judged, rule=rule) for entry in entries):
        return
    shown = host if host == str(address) else f"{host} ({address})"
    raise AddressRefused(
        f"{shown}, port {port}, was not contacted: the address is {rule}. "
        "An administrator can list it in OUTBOUND_ALLOW if it is one of your own systems."
    )


def resolve(host: str, port: int) -> list[IPAddress]:
    """Ask the resolver for the addresses of a name, in its order.

    :raises OSError: if there is no such name, or no answer
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A scoped answer ("fe80::1%eth0") is judged without its zone, and refused for being link-local.
    return list(dict.fromkeys(ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found))


def permitted(host: str, port: int) -> list[IPAddress]:
    """Resolve once and return the addresses that passed.

    :raises AddressRefused: if none did; OSError: if the name does not resolve
    """
    name = canonical_host(host)
    known = literal(name)
    passed, refused = [], None
    for address in [known] if known else resolve(name, port):
        try:
            check(name, port, address=address)
        except AddressRefused as error:
            refused = refused or error
        else:
            passed.append(address)
    if passed:
        return passed
    raise refused or OSError(f"{name} has no address")


def connect(
    host: str, port: int, *, timeout: float, socket_class: type[socket.socket] = socket.socket
) -> socket.socket:
    """Open a TCP connection to one of the host's permitted addresses, within `timeout` seconds over all of them.

    :raises AddressRefused: before anything is sent; OSError: if none could be reached
    """
    ends = time.monotonic() + timeout
    failure: OSError | None = None
    for address in permitted(host, port):
        left = ends - time.monotonic()
        if left <= 0:
            break
        try:
            return _open(address, port, timeout=left, socket_class=socket_class)
        except OSError as error:
            failure = error
    raise failure or TimeoutError("timed out")


def _open(address: IPAddress, port: int, *, timeout: float, socket_class: type[socket.socket]) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket_class(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def check_url(url: str, *, resolving: bool = False) -> list[str]:
    """Judge an address when it is saved; return warnings for the person who saves it.

    Literal addresses and localhost are judged at once, names when connecting (or now too, if `resolving`).

    :raises AddressRefused: naming the rule
    """
    parts = _split(url)
    host = canonical_host(parts.hostname or "")
    port = _port(parts, url)
    addresses: Sequence[IPAddress] = [known] if (known := literal(host)) else []
    if host == "localhost" or host.endswith(".localhost"):
        addresses = [IPv4Address("127.0.0.1")]
    warnings = [] if parts.scheme == "https" else ["Not encrypted: the address does not start with https://."]
    if resolving and not addresses:
        try:
            permitted(host, port)
        except OSError:
            warnings.append(f"The name {host} does not resolve at the moment.")
    for address in addresses:
        check(host, port, address=address)
    return warnings


def _split(url: str) -> SplitResult:
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise AddressRefused("An address holds no spaces, control characters or backslashes.")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise AddressRefused("This is not an address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise AddressRefused("An address starts with https:// (or http://) and a host name.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("An address holds no user name or password; enter them as credentials.")
    return parts


def _port(parts: SplitResult, url: str) -> int:
    try:
        port = parts.port
    except ValueError:
        raise AddressRefused(f"The port of {parts.hostname} is not a number up to 65535.") from None
    if port == 0:
        raise AddressRefused(f"Port 0 of {parts.hostname} cannot be contacted.")
    return port or (443 if parts.scheme == "https" else 80)
