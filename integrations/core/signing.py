"""Signatures: constant-time comparison, HMAC over raw bytes, Standard Webhooks, links that expire."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence

ALGORITHMS = {"sha256": hashlib.sha256, "sha512": hashlib.sha512, "sha1": hashlib.sha1}


def equal(given: str, expected: str) -> bool:
    """Compare two texts in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def matches_any(given: str, candidates: Iterable[str]) -> bool:
    """Say whether `given` equals one of the candidates, comparing with each of them in constant time."""
    return any([equal(given, candidate) for candidate in candidates])


def body_signatures(
    body: bytes, secrets: Sequence[str], *, algorithm: str = "sha256", encoding: str = "hex", prefix: str = ""
) -> list[str]:
    """Return the signature of `body` under each secret; `encoding` is hex or base64, `prefix` such as `sha256=`."""
    digests = [hmac.new(secret.encode(), body, ALGORITHMS[algorithm]).digest() for secret in secrets]
    if encoding == "base64":
        return [prefix + base64.b64encode(digest).decode() for digest in digests]
    return [prefix + digest.hex() for digest in digests]
