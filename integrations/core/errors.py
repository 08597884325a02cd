"""Errors of slow work and of outgoing requests. They answer one question: is it worth trying again?

Every message is for a person: what was refused, by which rule, and what to do about it.
"""

from collections.abc import Mapping
from types import MappingProxyType


class FieldportError(Exception):
    """Base of all. `status` and `body_start` are set where an HTTP answer caused it; `body_start` has no secrets.

    `content` is that answer's whole body, as it came: to be judged, not shown; so are `headers`, names in lower case.
    """

    content: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, message: str = "", *, status: int | None = None, body_start: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body_start = body_start


class TransientError(FieldportError):
    """Worth trying again, not before `retry_after` seconds where the other side asked for that."""

    def __init__(
        self, message: str = "", *, retry_after: float | None = None, status: int | None = None, body_start: str = ""
    ) -> None:
        super().__init__(message, status=status, body_start=body_start)
        self.retry_after = retry_after


class PermanentError(FieldportError):
    """The same request would fail again: something must be changed first."""


class AuthFailed(PermanentError):
    """The other side does not accept our credentials (401)."""


class Forbidden(PermanentError):
    """The credentials are good and do not allow this (403)."""


class NotFound(PermanentError):
    """There is nothing at that address (404, 410)."""


class AddressRefused(PermanentError):
    """The address guard does not let us connect there."""


class AnswerTooLarge(PermanentError):
    """The answer exceeds the cap; `status` says how the request itself went."""


class Unsure(TransientError):
    """The request may or may not have been carried out: read back before sending it again."""


class OutboundOff(TransientError):
    """Nothing may leave this installation for now. Put the work back without counting an attempt."""


class Paused(TransientError):
    """The connection is paused. Put the work back without counting an attempt."""


class SystemFailing(Paused):
    """The other system keeps failing and is left alone for `retry_after` seconds. Put the work back as if paused."""


class Captured(FieldportError):
    """A write that was recorded and not sent, because of capture mode."""
