"""Which address a request may go to: one below the connection's own, or one on a host that it lists."""

import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

import requests

from integrations.core.errors import AddressRefused

_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_CLIMBING = re.compile(r"(?:^|[/\\])(?:\.|%2e){2}(?:[/\\]|$)", re.IGNORECASE)


def joined(base_url: str, url: str) -> str:
    """Put a path behind the base address; leave an absolute address as it is.

    :raises AddressRefused: for a path that may climb out of the base address
    """
    if _ABSOLUTE.match(url):
        return url
    if not base_url:
        raise AddressRefused("A path was given, and the connection has no address to put before it.")
    if _CLIMBING.search(url.partition("?")[0]):
        raise AddressRefused("A path with '..' in it may leave the address of the connection; write it out.")
    return f"{base_url.rstrip('/')}/{url.lstrip('/')}" if url else base_url


def is_own(prepared: requests.PreparedRequest, *, base_url: str, allow_hosts: Collection[str]) -> bool:
    """Say whether a request goes to the base address's origin, or else to a listed host.

    It is the prepared address that is judged: what the connection will read, whatever the text looked like before.

    :raises AddressRefused: if it goes to neither
    """
    target = urlsplit(prepared.url or "")
    standard = _default_port(target.scheme)
    host, port = target.hostname or "", target.port or standard
    if target.username is not None or target.scheme not in ("http", "https"):
        raise AddressRefused("An address starts with https:// or http://, without a user name or password.")
    if base_url and (target.scheme, host, port) == _origin(base_url):
        return True
    if any(_covers(entry, host=host, port=port, standard=port == standard) for entry in allow_hosts):
        return False
    raise AddressRefused(f"{host}, port {port}, is not the host of this connection, nor one that it lists.")


def _covers(entry: str, *, host: str, port: int, standard: bool) -> bool:
    if entry == f"{host}:{port}":
        return True
    return standard and (entry in ("*", host) or (entry.startswith(".") and host.endswith(entry)))


@lru_cache(maxsize=256)
def _origin(url: str) -> tuple[str, str, int]:
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, None)
    parts = urlsplit(prepared.url or "")
    return parts.scheme, parts.hostname or "", parts.port or _default_port(parts.scheme)


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
