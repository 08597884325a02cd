"""Tokens in the database, so that workers share one: signing in is one worker's at a time, the others wait for it.

No transaction is open while we sign in. The right to do so is a time in `token_busy_until`; what comes of it is stored
on the condition that nobody stored anything since (`token_generation`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from integrations.connections.auth.account import Account
from integrations.connections.auth.tokens import Token
from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.errors import AuthFailed, TransientError

Fetch = Callable[[Account, Token | None], Token]

WAIT_SECONDS = 5.0
POLL_SECONDS = 0.05
# Longer than waiting for a slot and a sign-in that times out; a killed worker keeps the others waiting no longer.
BUSY = timedelta(seconds=30)
# A refused sign-in is not repeated by every job at once: some systems lock an account after a few.
REFUSED_SECONDS = 10.0


@dataclass(frozen=True)
class _Kept:
    generation: int
    busy: bool
    token: Token | None
    refusal: str


def obtain(account: Account, fetch: Fetch, *, refused: str = "") -> Token:
    """Return a usable token other than `refused`, fetching one if nobody else does.

    :raises AuthFailed: if the other system refuses to sign us in, or refused within the last seconds
    :raises TransientError: if another worker is still at it after a few seconds
    """
    ends = time.monotonic() + WAIT_SECONDS
    while True:
        now = clock.now()
        kept = _read(account, now=now)
        if kept.token and kept.token.value != refused and kept.token.is_usable(now=now):
            return kept.token
        if kept.refusal:
            raise AuthFailed(kept.refusal)
        if not kept.busy and _take(account, kept, now=now):
            return _fetched(account, fetch, kept)
        if time.monotonic() > ends:
            raise TransientError("Another worker has been signing in for some seconds; trying again.", retry_after=2)
        time.sleep(POLL_SECONDS)


def _read(account: Account, *, now: datetime) -> _Kept:
    names = ("token_generation", "token_busy_until", "token_cache")
    generation, busy_until, cache = Connection.objects.values_list(*names).get(pk=account.connection_id)
    busy = busy_until is not None and busy_until > now
    if not cache or cache.get("for") != account.fingerprint:
        return _Kept(generation, busy, None, "")
    token = Token.from_json(cache["token"]) if cache.get("token") else None
    refusal = cache.get("refusal", "") if now.timestamp() < cache.get("refused_until", 0) else ""
    return _Kept(generation, busy, token, refusal)


def _take(account: Account, kept: _Kept, *, now: datetime) -> bool:
    free = Q(token_busy_until__isnull=True) | Q(token_busy_until__lte=now)
    row = Connection.objects.filter(free, pk=account.connection_id, token_generation=kept.generation)
    return row.update(token_busy_until=now + BUSY) == 1


def _fetched(account: Account, fetch: Fetch, kept: _Kept) -> Token:
    try:
        token = fetch(account, kept.token)
    except AuthFailed as error:
        until = clock.now().timestamp() + REFUSED_SECONDS
        _store(account, kept, refusal=str(error), refused_until=until)
        raise
    except BaseException:
        _row(account, kept).update(token_busy_until=None)
        raise
    _store(account, kept, token=token.as_json())
    return token


def _row(account: Account, kept: _Kept) -> QuerySet[Connection]:
    return Connection.objects.filter(pk=account.connection_id, token_generation=kept.generation)


def _store(account: Account, kept: _Kept, **cache: object) -> None:
    """Store what came of it; if someone stored since (we were stopped for long), theirs stays."""
    if "refusal" in cache and kept.token:
        cache["token"] = kept.token.as_json()  # its refresh token is the only one there is
    values = {"token_cache": {"for": account.fingerprint, **cache}, "token_busy_until": None}
    _row(account, kept).update(**values, token_generation=F("token_generation") + 1)
