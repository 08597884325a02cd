"""What an address is: public or not, by which rule, and whether an allow-list names it. Pure; `network` applies it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from integrations.core.errors import AddressRefused

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

# IANA's special-purpose registries, written out: `ipaddress.is_global` changes between Python's patch releases.
REFUSED: tuple[tuple[str, tuple[IPNetwork, ...]], ...] = tuple(
    (rule, tuple(ip_network(network) for network in networks.split()))
    for rule, networks in (
        (
            "a metadata service",
            "169.254.169.254/32 168.63.129.16/32 100.100.100.200/32 192.0.0.192/32 fd00:ec2::254/128",
        ),
        ("unspecified", "0.0.0.0/8 ::/128"),
        ("loopback", "127.0.0.0/8 ::1/128"),
        ("link-local", "169.254.0.0/16 fe80::/10"),
        ("private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10"),
        ("shared by a carrier (CGNAT)", "100.64.0.0/10"),
        ("multicast", "224.0.0.0/4 ff00::/8"),
        ("for documentation", "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20"),
        ("reserved", "192.0.0.0/24 192.88.99.0/24 198.18.0.0/15 240.0.0.0/4 2001::/23"),
        ("a 6to4 tunnel", "2002::/16"),
    )
)
GLOBAL_V6 = IPv6Network("2000::/3")
MAPPED_V6 = IPv6Network("::ffff:0:0/96")
NAT64 = IPv6Network("64:ff9b::/96")
# These pass only where the allow-list names the single address: a wide network is never meant to include them.
SINGLE_ONLY = frozenset({"a metadata service", "unspecified", "link-local", "multicast"})

_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Allowed:
    """One entry of the allow-list: a network or a host name, with a port or with all."""

    network: IPNetwork | None
    host: str
    port: int | None

    def covers(self, host: str, port: int, *, address: IPAddress, rule: str) -> bool:
        if self.port not in (None, port):
            return False
        if self.network is None:
            return host == self.host and rule not in SINGLE_ONLY
        single = self.network.num_addresses == 1
        return address in self.network and (single or rule not in SINGLE_ONLY)


@lru_cache(maxsize=8)
def allow_list(entries: tuple[str, ...]) -> tuple[Allowed, ...]:
    """Parse `OUTBOUND_ALLOW`: `10.20.0.0/16`, `10.20.0.0/16:443`, `127.0.0.1:8101`, `[fd12::1]:443`, `erp.local:443`.

    :raises ValueError: naming the entry that cannot be read
    """
    return tuple(_allowed(entry.strip()) for entry in entries if entry.strip())


def _allowed(entry: str) -> Allowed:
    try:
        return Allowed(network=ip_network(entry), host="", port=None)
    except ValueError:
        rest, _, digits = entry.rpartition(":")
    if not (rest and digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536):
        raise ValueError(f"OUTBOUND_ALLOW: {entry!r} is neither a network, nor network:port, nor host:port.")
    host = rest.strip("[]").lower()
    try:
        return Allowed(network=ip_network(host), host="", port=int(digits))
    except ValueError:
        return Allowed(network=None, host=host, port=int(digits))


def refusal(address: IPAddress) -> str:
    """Say what kind of address this is if it is not public; empty if it is."""
    judged = embedded(address)
    for rule, networks in REFUSED:
        if any(judged in network for network in networks):
            return rule
    if isinstance(judged, IPv6Address) and judged not in GLOBAL_V6:
        return "not global unicast"
    return ""


def embedded(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that a v4-mapped or NAT64 address (RFC 6052) leads to, or the address itself."""
    if isinstance(address, IPv6Address) and (address in MAPPED_V6 or address in NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def canonical_host(host: str) -> str:
    """Return the host in lower case, in ASCII and without brackets.

    :raises AddressRefused: for zones and for octal, hexadecimal, decimal and short forms of IPv4
    """
    name = host.strip("[]").lower()
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        raise AddressRefused(f"{host!r} is not a host name.") from None
    if "%" in name:
        raise AddressRefused(f"{host!r} names a network zone; write a plain address or a name.")
    if not name or re.search(r"[\s/\\@?#<>^|]", name):
        raise AddressRefused(f"{host!r} is not a host name.")
    if _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]) and not literal(name):
        raise AddressRefused(f"{host!r} is an unusual way to write an IPv4 address; write it as four decimal numbers.")
    return name


def literal(host: str) -> IPAddress | None:
    """Return the address if the host is one and not a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
