"""How a request proves where it comes from, by the explicit choice of its source.

A source that has chosen anything but its address refuses every request that does not prove itself, and refuses all of
them while it has no secret.
"""

from collections.abc import Callable

from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError

from integrations.core.platforms import Incoming, InvalidSignature
from integrations.core.signing import body_signatures, matches_any
from integrations.inbox.models import Verification
from integrations.inbox.sources import Source


def verify(source: Source, request: Incoming) -> None:
    """Check a request. :raises InvalidSignature: saying what was missing or wrong"""
    if source.verification == Verification.ADDRESS:
        return
    if not source.secrets:
        raise InvalidSignature("This source has no secret yet, so nothing can be verified. Set one on its page.")
    CHECKS[source.verification](source, request)


def delivery_key(source: Source, request: Incoming) -> str | None:
    """Return the id under which a repeated delivery is known; None where none is documented as unique per delivery."""
    if source.verification == Verification.STANDARD:  # the specification: unique per message, the same when sent again
        return request.header("webhook-id")[:255] or None
    return source.adapter.delivery_key(request)


def _basic(source: Source, request: Incoming) -> None:
    given = request.basic()
    if given is None:
        raise InvalidSignature("No user and password were sent (Authorization: Basic).")
    if not matches_any(":".join(given), source.secrets):
        raise InvalidSignature("User or password is wrong.")


def _header(source: Source, request: Incoming) -> None:
    name = source.options.get("header", "X-Webhook-Token")
    given = request.header(name)
    prefix = source.options.get("prefix", "")
    if not given:
        raise InvalidSignature(f"The header {name} is missing.")
    if not matches_any(given, [prefix + secret for secret in source.secrets]):
        raise InvalidSignature(f"The token in {name} is wrong.")


def _hmac(source: Source, request: Incoming) -> None:
    options = source.options
    name = options.get("header", "X-Signature")
    given = request.header(name)
    if not given:
        raise InvalidSignature(f"The signature header {name} is missing.")
    expected = body_signatures(
        request.body,
        source.secrets,
        algorithm=options.get("algorithm", "sha256"),
        encoding=options.get("encoding", "hex"),
        prefix=options.get("prefix", ""),
    )
    if not matches_any(given, expected):
        raise InvalidSignature(f"The signature in {name} does not fit the body.")


def _standard(source: Source, request: Incoming) -> None:
    for secret in source.secrets:
        try:
            # json_parse: a signed body that is not JSON is kept like every other. The library raises ValueError for
            # malformed headers, malformed secrets and bodies that are not UTF-8: all of them prove nothing.
            Webhook(secret).verify(request.body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, EmptyWebhookSecretError, ValueError):
            continue
        return
    raise InvalidSignature("The Standard Webhooks signature is missing, too old or does not fit the body.")


def _platform(source: Source, request: Incoming) -> None:
    source.adapter.verify(request, secrets=source.secrets)


CHECKS: dict[str, Callable[[Source, Incoming], None]] = {
    Verification.BASIC: _basic,
    Verification.HEADER: _header,
    Verification.HMAC: _hmac,
    Verification.STANDARD: _standard,
    Verification.PLATFORM: _platform,
}
