"""A callback address taken apart, so strictly that a browser cannot read it otherwise (RFC 3986; WHATWG URL).

Browsers drop tabs and line ends, take a backslash for a slash, decode percent signs in hosts and fold odd letters into
plain ones. None of these passes.
"""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import unquote

from integrations.core.addresses import canonical_host
from integrations.core.errors import AddressRefused

MOST_CHARACTERS = 8192
WEB_PORTS = {"https": 443, "http": 80}

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,63}):(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_WEB = re.compile(r"//([^/?#]+)([^?#]*)(.*)", re.DOTALL)
_OPAQUE = re.compile(r"([^?#]*)(.*)", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::([0-9]{1,5}))?", re.IGNORECASE | re.ASCII)
_OPAQUE_AUTHORITY = re.compile(r"(?:[a-z0-9._~%-]+(?::[0-9]{1,4})?)?", re.IGNORECASE | re.ASCII)
_DOTS = re.compile(r"(?:^|/)\.{1,2}(?:/|;|$)")
_LAYERS_OF_ENCODING = 4
# Control, format (bidirectional marks, zero width), half surrogate pairs, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class AddressMalformed(ValueError):
    """The text is not an address that every reader reads alike; the message is a sentence."""


@dataclass(frozen=True)
class Address:
    """`rest`: all between scheme and query. `tail`: query and fragment, with their signs. `port`: of web addresses."""

    scheme: str
    rest: str
    tail: str
    host: str = ""
    port: int | None = None
    path: str = ""

    @property
    def is_web(self) -> bool:
        return self.scheme in WEB_PORTS

    @property
    def authority(self) -> str:
        """Host, and port if it is not the scheme's own."""
        return self.host if self.port == WEB_PORTS.get(self.scheme) else f"{self.host}:{self.port}"


def read_address(uri: str) -> Address:
    """Take an absolute address apart.

    :raises AddressMalformed: saying what is wrong with it
    """
    _check_characters(uri)
    match = _SCHEME.fullmatch(uri)
    if match is None:
        raise AddressMalformed("It does not begin with a scheme, such as https:.")
    scheme, rest = match[1].lower(), match[2]
    return _web(scheme, rest) if scheme in WEB_PORTS else _custom(scheme, rest)


def _check_characters(uri: str) -> None:
    if len(uri) > MOST_CHARACTERS:
        raise AddressMalformed(f"It has {len(uri)} characters; at most {MOST_CHARACTERS} are read.")
    if uri != uri.strip():
        raise AddressMalformed("It begins or ends with a space.")
    if "\\" in uri:
        raise AddressMalformed("It has a backslash.")
    if any(unicodedata.category(each) in _UNSEEN for each in uri):
        raise AddressMalformed("It has a control character or an invisible one.")
    if "\ufffd" in uri:
        raise AddressMalformed("It is not UTF-8.")


def _web(scheme: str, rest: str) -> Address:
    match = _WEB.fullmatch(rest)
    if match is None:
        raise AddressMalformed(f"{scheme}: is not followed by // and a host.")
    host, port = _authority(match[1], standard=WEB_PORTS[scheme])
    _check_path(match[2])
    return Address(scheme, rest=match[1] + match[2], tail=match[3], host=host, port=port, path=match[2])


def _authority(text: str, *, standard: int) -> tuple[str, int]:
    if "@" in text:
        raise AddressMalformed("It has a user name or password.")
    if not text.isascii():
        raise AddressMalformed("Its host is not in ASCII; write it as xn--….")
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        raise AddressMalformed("Its host is not a plain name or address.")
    port = int(match[2]) if match[2] else standard
    if not 0 < port < 65536:
        raise AddressMalformed("Its port is not between 1 and 65535.")
    return _host(match[1]), port


def _host(text: str) -> str:
    try:
        return f"[{IPv6Address(text[1:-1])}]" if text.startswith("[") else canonical_host(text)
    except (AddressRefused, ValueError):
        raise AddressMalformed("Its host is not a plain name or address.") from None


def _check_path(path: str) -> None:
    """A path that climbs, also behind several layers of percent signs, may leave the allowed prefix."""
    decoded = path
    for _ in range(_LAYERS_OF_ENCODING):
        if _DOTS.search(decoded):
            raise AddressMalformed("Its path has . or .. in it.")
        if "\\" in decoded or any(unicodedata.category(each) == "Cc" for each in decoded):
            raise AddressMalformed("Its path has an encoded backslash or control character.")
        before, decoded = decoded, unquote(decoded)
        if before == decoded:
            return
    raise AddressMalformed("Its path is percent-encoded several times over.")


def _custom(scheme: str, rest: str) -> Address:
    match = _OPAQUE.fullmatch(rest)
    assert match is not None  # it matches every text
    before = match[1]
    authority = before[2:].partition("/")[0] if before.startswith("//") else ""
    if "@" in authority:
        raise AddressMalformed("It has a user name or password.")
    if not _OPAQUE_AUTHORITY.fullmatch(authority):
        raise AddressMalformed("What stands between // and / is not a plain name.")
    return Address(scheme, rest=before, tail=match[2])
