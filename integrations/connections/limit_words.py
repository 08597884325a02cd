"""What is limited, and the two answers to "may I send?"."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """`rate` requests per second on average (bursts of one second's worth), `concurrency` under way at once."""

    connection_id: int
    rate: float
    concurrency: int


@dataclass(frozen=True)
class Granted:
    """Send after `wait` seconds, then `leave()`."""

    leave: Callable[[], None]
    wait: float = 0.0


@dataclass(frozen=True)
class Busy:
    """Not now. `wait`: seconds until it is worth asking again; 0 where that is unknown."""

    reason: str
    wait: float = 0.0


def rate_reason(limit: Limit) -> str:
    return f"This connection sends at most {limit.rate:g} requests per second."


def concurrency_reason(limit: Limit) -> str:
    return f"{limit.concurrency} requests to this connection are under way, which is its limit."


HOLD_REASON = "The other system asked us to wait."
