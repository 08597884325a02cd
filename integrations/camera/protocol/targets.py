"""Where a visit may be sent back to (5.14 to 5.16): an open redirect is what this must not become.

What is allowed here is then read by a browser. So only such addresses pass as every reader reads alike; a host in an
unusual spelling is refused, not repaired.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from integrations.camera.protocol.addresses import Address, AddressMalformed, read_address
from integrations.core.errors import PermanentError

# 5.14, and what of the same kind browsers and phones know: each runs code, reads files, or opens any other app.
NEVER = frozenset({
    "javascript", "data", "vbscript", "blob", "file", "about", "intent", "filesystem", "view-source", "content",
    "android-app", "jar", "chrome", "chrome-extension", "moz-extension", "resource",
})  # fmt: skip


@dataclass(frozen=True)
class Allowed:
    """The address, as it came."""

    uri: str


@dataclass(frozen=True)
class Refused:
    """`reason`: a sentence without its full stop. `entry`: what a list would have to hold; empty if none would help."""

    reason: str
    entry: str = ""


class TargetRefused(PermanentError):
    """This entry of an allow-list cannot be read."""


@dataclass(frozen=True)
class Target:
    """One allowed target: an origin with a path prefix, or a custom scheme (then `host` is empty)."""

    scheme: str
    host: str = ""
    port: int | None = None
    path: str = ""

    def covers(self, address: Address) -> bool:
        """The prefix ends at a segment's boundary: /jobs covers /jobs and /jobs/1, and not /jobsite."""
        if (self.scheme, self.host, self.port) != (address.scheme, address.host, address.port):
            return False
        return self.path in ("", address.path) or address.path.startswith(f"{self.path}/")


def problems_of(entries: Iterable[str]) -> list[str]:
    """Return why entries of a list of allowed targets cannot be read."""
    found = []
    for entry in entries:
        try:
            read_target(entry)
        except TargetRefused as error:
            found.append(str(error))
    return found


def read_target(entry: str) -> Target:
    """Read `https://host`, `https://host:8443/path` or `fsmapp:`.

    :raises TargetRefused: saying how an entry is written
    """
    try:
        address = read_address(entry.strip())
    except AddressMalformed as error:
        raise TargetRefused(f"{entry!r:.200}: {error} Write https://host/path, or a scheme such as fsmapp:") from None
    if address.scheme in NEVER:
        raise TargetRefused(f"The scheme {address.scheme}: is never allowed as a callback.")
    if not address.is_web and address.rest.strip("/"):
        raise TargetRefused(f"Write the scheme alone: {address.scheme}:")
    if address.tail:
        raise TargetRefused(f"{entry!r:.200}: an allowed target has neither a query nor a fragment.")
    return Target(address.scheme, address.host, address.port, address.path.rstrip("/"))


def check_callback(uri: str) -> Allowed | Refused:
    """Judge an address by itself, without a list: what a token's default callback must pass."""
    try:
        address = read_address(uri)
    except AddressMalformed as error:
        return Refused(f"callback is malformed: {str(error).rstrip('.')}")
    if address.scheme in NEVER:
        return Refused(f"callback scheme {address.scheme}: is never allowed")
    return Allowed(uri)


def judge(uri: str, *, default: str, entries: Sequence[str] = (), any_https: bool = False) -> Allowed | Refused:
    """Judge a visit's callback. The default's own origin or scheme is allowed too (5.14).

    :param entries: the token's list; one that cannot be read allows nothing
    :param any_https: the compatibility switch (5.15): every https address, and of custom schemes the listed ones
    """
    found = check_callback(uri)
    if isinstance(found, Refused):
        return found
    address = read_address(uri)
    if any_https and address.scheme == "https":
        return found
    targets = [*_readable(entries), *_of_default(default)]
    return found if any(target.covers(address) for target in targets) else _refused(address, targets=targets)


def _of_default(default: str) -> list[Target]:
    try:
        address = read_address(default)
    except AddressMalformed:
        return []
    return [Target(address.scheme, address.host, address.port)]


def _readable(entries: Sequence[str]) -> list[Target]:
    found = []
    for entry in entries:
        try:
            found.append(read_target(entry))
        except TargetRefused:
            continue
    return found


def _refused(address: Address, *, targets: Sequence[Target]) -> Refused:
    if not address.is_web:
        return Refused(f"callback scheme {address.scheme[:100]}: is not allowed", f"{address.scheme}:")
    origin = Target(address.scheme, address.host, address.port)
    entry = f"{address.scheme}://{address.authority}"
    if any(origin == Target(each.scheme, each.host, each.port) for each in targets):
        return Refused(f"callback path {address.path[:100] or '/'} on {address.authority} is not allowed", entry)
    if any(each.host == address.host and each.scheme != address.scheme for each in targets):
        return Refused(f"callback scheme {address.scheme}: on {address.authority} is not allowed", entry)
    return Refused(f"callback host {address.authority} is not allowed", entry)
