"""What a destination may be: its address, its method, its headers. Pure, save for what the address guard lists."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from integrations.core.errors import AddressRefused
from integrations.core.network import check_url

if TYPE_CHECKING:
    from integrations.outbox.models import Destination

MOST_HEADERS, LONGEST_VALUE, LONGEST_URL = 20, 2_000, 2_048
# Set by HTTP itself, or by us: an own one would break the framing or pass for ours.
RESERVED = frozenset(
    """
    host content-length content-type content-encoding transfer-encoding connection keep-alive upgrade te trailer expect
    proxy-authorization proxy-connection user-agent accept accept-encoding x-correlation-id
    x-event-id x-event-type x-endpoint-id x-delivery-attempt x-cursor x-signature
    """.split()  # noqa: SIM905  forty names read better so
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
# RFC 9110, 5.5, without obs-text: visible ASCII, spaces and tabs within.
_VALUE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")


def problems_of(destination: "Destination") -> dict[str, list[str]]:
    """Return what is refused, by field."""
    found = {
        "url": url_problems(destination.url),
        "headers": header_problems(destination.headers),
        "method": [] if destination.method in ("POST", "PUT", "PATCH") else ["The method is POST, PUT or PATCH."],
    }
    return {name: problems for name, problems in found.items() if problems}


def url_problems(url: str) -> list[str]:
    if len(url) > LONGEST_URL:
        return [f"An address has at most {LONGEST_URL} characters."]
    try:
        check_url(url)
    except AddressRefused as error:
        return [str(error)]
    return ["An address holds no fragment (#)."] if urlsplit(url).fragment else []


def header_problems(headers: object) -> list[str]:
    """Say which headers are refused; their values are secrets and are not repeated."""
    if not isinstance(headers, dict):
        return ["Headers are names with texts."]
    if len(headers) > MOST_HEADERS:
        return [f"There may be {MOST_HEADERS} headers at most."]
    return [problem for name, value in headers.items() if (problem := _header_problem(str(name), value))]


def _header_problem(name: str, value: object) -> str:
    if not _NAME.fullmatch(name):
        return f"{name[:100]!r} is not a header name: letters, digits and dashes."
    if name.lower() in RESERVED or name.lower().startswith("webhook-"):
        return f"{name} is set by Fieldport; choose another name."
    if not isinstance(value, str) or len(value) > LONGEST_VALUE or not _VALUE.fullmatch(value):
        return f"{name}: a value is one line of visible ASCII, at most {LONGEST_VALUE} characters."
    return ""
