"""Ids: the correlation id that follows one fact from request to task to outgoing header, and short random tokens."""

import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_correlation: ContextVar[str] = ContextVar("correlation_id", default="")


def new_correlation_id() -> str:
    return uuid.uuid4().hex


def current_correlation_id() -> str:
    """Return the correlation id of the work at hand; empty outside of any."""
    return _correlation.get()


@contextmanager
def correlated(correlation_id: str) -> Iterator[str]:
    """Run the block under `correlation_id`, or under a new one if it is empty."""
    value = correlation_id or new_correlation_id()
    token = _correlation.set(value)
    try:
        yield value
    finally:
        _correlation.reset(token)


def random_token(length: int = 32) -> str:
    """Return an unguessable URL-safe token of about 1.3 × `length` characters (`length` bytes of entropy)."""
    return secrets.token_urlsafe(length)
