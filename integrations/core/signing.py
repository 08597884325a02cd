"""Signatures: constant-time comparison, HMAC over raw bytes, Standard Webhooks, links that expire."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core import signing

ALGORITHMS = {"sha256": hashlib.sha256, "sha512": hashlib.sha512, "sha1": hashlib.sha1}


def equal(given: str, expected: str) -> bool:
    """Compare two texts in constant time."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), expected.encode(errors="surrogatepass"))


def matches_any(given: str, candidates: Iterable[str]) -> bool:
    """Say whether `given` equals one of the candidates, comparing with each of them in constant time."""
    return True in [equal(given, candidate) for candidate in candidates]


def body_signatures(
    body: bytes, secrets: Sequence[str], *, algorithm: str = "sha256", encoding: str = "hex", prefix: str = ""
) -> list[str]:
    """Return the signature of `body` under each secret; `encoding` is hex or base64, `prefix` such as `sha256=`."""
    digests = [hmac.new(secret.encode(), body, ALGORITHMS[algorithm]).digest() for secret in secrets]
    if encoding == "base64":
        return [prefix + base64.b64encode(digest).decode() for digest in digests]
    return [prefix + digest.hex() for digest in digests]


class LinkRefused(Exception):
    """A signed link that is forged, was made for something else, or has expired."""


class LinkExpired(LinkRefused):
    """It was a good link, until its time was over."""


def sign_until(value: str, *, purpose: str, expires_at: datetime) -> str:
    """Return a URL-safe token that carries `value` until `expires_at`; it is readable, and cannot be changed.

    A token made for one `purpose` is worth nothing for another. The same arguments give the same token, so that what
    holds a link can be compared.
    """
    return signing.Signer(salt=_salt(purpose)).sign_object([value, int(expires_at.timestamp())])


def read_signed(token: str, *, purpose: str, now: datetime) -> str:
    """Return the value of a token that `sign_until` made for this purpose. :raises LinkRefused: saying why"""
    try:
        value, expires = signing.Signer(salt=_salt(purpose)).unsign_object(token)
    except signing.BadSignature:
        raise LinkRefused("This link is not one that was given out here.") from None
    if now.timestamp() >= expires:
        raise LinkExpired("This link has expired; open the page again for a new one.")
    return str(value)


def _salt(purpose: str) -> str:
    return f"integrations.link.{purpose}"
