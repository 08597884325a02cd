"""The headers that name and sign a message: those of the OMNI contract, and those of Standard Webhooks beside them."""

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from standardwebhooks import Webhook

from integrations.core.signing import body_signatures

PREFIX = "whsec_"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What the headers speak of: one message on its way to one destination."""

    uid: str
    type: str
    cursor: str
    body: str
    endpoint: str
    attempt: int


def new_secret() -> str:
    """Return a secret as Standard Webhooks writes it: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers_of(letter: Letter, *, signed_by: Sequence[str], at: datetime) -> dict[str, str]:
    """Return the headers of one attempt; each of several secrets signs, so that a receiver may know either."""
    stamp = str(int(at.timestamp()))
    headers = {
        "X-Event-Id": letter.uid,
        "X-Event-Type": letter.type,
        "X-Endpoint-Id": letter.endpoint,
        "X-Delivery-Attempt": str(letter.attempt),
        "webhook-id": letter.uid,
        "webhook-timestamp": stamp,
    }
    if letter.cursor:
        headers["X-Cursor"] = letter.cursor
    if signed_by:
        signed = body_signatures(f"{stamp}.{letter.body}".encode(), signed_by, prefix="v1=")
        headers["X-Signature"] = ",".join([f"t={stamp}", *signed])
        headers["webhook-signature"] = " ".join(_standard(letter, secret, at=at) for secret in signed_by)
    return headers


def _standard(letter: Letter, secret: str, *, at: datetime) -> str:
    signed: str = Webhook(_key(secret)).sign(letter.uid, at.astimezone(UTC), letter.body)
    return signed


def _key(secret: str) -> bytes:
    """Return the key's bytes: behind `whsec_` in base64 (Standard Webhooks); any other text is the key itself."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX) + "==") or secret.encode()
        except binascii.Error:
            return secret.encode()
    return secret.encode()
