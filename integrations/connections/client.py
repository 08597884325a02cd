"""The client of one connection: credentials, limits, lease, capture and health around `core.http`."""

import math
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Unpack

import requests
from django.conf import settings

from integrations.connections import breaker, health, limits, quota, setting_schema
from integrations.connections.auth import Account, TokenAuth, auth_of
from integrations.connections.capture import capture_reason
from integrations.connections.credential_fields import credential_fields
from integrations.connections.limit_words import Limit
from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.answers import masked
from integrations.core.errors import AddressRefused, AuthFailed, FieldportError, PermanentError, TransientError
from integrations.core.http import TOTAL_SECONDS, Options, OutboundClient
from integrations.core.work import Claim

# Of a lease: a request takes less than is left of it, and it is renewed before a send when less than this is left.
LONGEST_REQUEST, RENEWED_BELOW = 0.7, 0.8
LONGEST_HOLD_SECONDS = 60.0


@dataclass(repr=False, kw_only=True)
class ConnectionClient(OutboundClient):
    """An OutboundClient that knows its connection: reports its health and honours "wait" for all workers.

    `for_writes`: what it reads, too, may use the share of the daily quota that is kept for writes.
    """

    connection: Connection
    limit: Limit
    longest: float
    for_writes: bool = False

    def request(self, method: str, url: str, **options: Unpack[Options]) -> requests.Response:
        options["timeout"] = seconds = min(options.get("timeout", self.timeout), self.longest)
        if not self._is_home(url):
            return super().request(method, url, **options)
        breaker.enter(self.connection, seconds=seconds)
        try:
            response = super().request(method, url, **options)
        except FieldportError as error:
            self._note_failure(error)
            raise
        self._note_answer(response)
        return response

    def _exchange(
        self, prepared: requests.PreparedRequest, *, own: bool, effect: bool, seconds: float
    ) -> requests.Response:
        if own:
            quota.take(self.connection, reserved=effect or self.for_writes)
        response = super()._exchange(prepared, own=own, effect=effect, seconds=seconds)
        if own:
            quota.note(self.connection, response.headers)
        return response

    def without_secrets(self, text: str) -> str:
        """Also what the connection keeps, in the form that a form asks for: a target may decode what it was sent."""
        fields = credential_fields(self.connection.auth_kind, platform=self.connection.platform)
        kept = (self.connection.credentials.get(field.name) for field in fields if field.is_secret)
        return masked(super().without_secrets(text), map(str, filter(None, kept)))

    def _note_answer(self, response: requests.Response) -> None:
        if response.status_code >= 500:  # of a caller who judges answers itself
            breaker.note_failure(self.connection)
            return
        breaker.note_answer(self.connection)
        if response.status_code < 400:
            health.report_success(self.connection)

    def _note_failure(self, error: FieldportError) -> None:
        _count(self.connection, error)
        if isinstance(error, TransientError) and error.status in (429, 503) and error.retry_after:
            limits.hold(self.limit, seconds=min(error.retry_after, LONGEST_HOLD_SECONDS))
        if isinstance(error, AuthFailed | AddressRefused) or (error.status or 0) >= 500 or _never_answered(error):
            health.report_failure(self.connection, error)
        elif error.status and isinstance(error, PermanentError):
            health.report_success(self.connection)

    def _is_home(self, url: str) -> bool:
        return "://" not in url or url.startswith(self.base_url)


def _never_answered(error: FieldportError) -> bool:
    """Our own refusals (limits, capture, off) have no cause below them."""
    return error.status is None and error.__cause__ is not None


def _count(connection: Connection, error: FieldportError) -> None:
    """Tell the breaker whether the system failed, or answered something that we do not like."""
    if (error.status or 0) >= 500 or (isinstance(error, TransientError) and _never_answered(error)):
        breaker.note_failure(connection)
    elif error.status:
        breaker.note_answer(connection)


def open_client(
    connection: Connection,
    *,
    claim: Claim | None = None,
    allow_hosts: Collection[str] = (),
    for_writes: bool = False,
) -> ConnectionClient:
    """Return a client with everything applied. It is cheap, and belongs to one job in one thread.

    :raises AuthFailed: :raises TransientError: only if the address comes with a token that has to be fetched first
    """
    longest = settings.WORK_LEASE_SECONDS * LONGEST_REQUEST
    timeout = min(TOTAL_SECONDS, longest)
    limit = Limit(connection.pk, rate=connection.rate_per_second, concurrency=connection.max_concurrency)
    gate = _Gate(limit, claim, timeout)
    account = account_of(connection, gate=gate, timeout=timeout)
    auth = auth_of(account)
    base_url = account.base_url
    if not base_url and isinstance(auth, TokenAuth):
        base_url = _address_of_token(connection, auth)
    return ConnectionClient(
        base_url=base_url,
        auth=auth,
        tls=account.tls,
        gate=gate,
        capture=bool(capture_reason(connection)),
        allow_hosts=allow_hosts,
        timeout=timeout,
        connection=connection,
        limit=limit,
        longest=longest,
        for_writes=for_writes,
    )


def _address_of_token(connection: Connection, auth: TokenAuth) -> str:
    """Sign in if there is no token yet: the first request of a job is sent before its client is there."""
    breaker.check(connection)
    try:
        return auth.token().base_url
    except FieldportError as error:
        _count(connection, error)
        raise


def account_of(connection: Connection, **values: Any) -> Account:
    return Account(
        connection_id=connection.pk,
        platform=connection.platform,
        auth_kind=connection.auth_kind,
        base_url=connection.base_url or setting_schema.address_of(connection.platform, connection.settings),
        credentials=connection.credentials,
        settings=connection.settings,
        **values,
    )


@dataclass
class _Gate:
    """Entered around each send, sign-ins too: waits for a slot, then makes sure that the work is still ours."""

    limit: Limit
    claim: Claim | None
    seconds: float

    @contextmanager
    def __call__(self) -> Iterator[float]:
        with limits.slot(self.limit, seconds=self.seconds):
            yield math.inf if self.claim is None else renew_if_needed(self.claim)


def renew_if_needed(claim: Claim) -> float:
    """Renew the lease when less of it is left than any request may take, and some; return its end (monotonic).

    :raises LeaseLost:
    """
    before = time.monotonic()  # before the other clock: whoever is stopped in between ends early, not late
    now = clock.now()
    if claim.seconds_left(now=now) < settings.WORK_LEASE_SECONDS * RENEWED_BELOW:
        claim.renew(now=now)
    return before + claim.seconds_left(now=now)
