"""Following one platform: set up there, connect, read what was missed, then take events as they come (sheet, 5, 8.3).

Whoever calls holds the lease. Time is an argument; the one wait is for the next event.
"""

import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from integrations.connections.auth import Account
from integrations.connections.client import ConnectionClient, account_of
from integrations.connections.models import Connection
from integrations.connections.services import open_client, report_failure, report_success
from integrations.core import safe_json
from integrations.core.errors import FieldportError, OutboundOff, Paused, PermanentError, TransientError
from integrations.inbox.models import WebhookSource
from integrations.platforms.omni import directory, probing, setting_up, taking
from integrations.platforms.omni.auth import token_of
from integrations.platforms.omni.client import OmniClient
from integrations.platforms.omni.models import State, Subscription
from integrations.platforms.omni.options import WEBHOOK, Conditions, conditions_of
from integrations.platforms.omni.receiving import Message, Receiver

logger = logging.getLogger(__name__)

BACKFILL_EVERY, SWEEP_EVERY = timedelta(seconds=60), timedelta(hours=1)
DIRECTORY_EVERY, LOOKED_AT_EVERY = timedelta(minutes=5), timedelta(seconds=10)
# After a refusal that stays, such as an endpoint that is not known there (sheet, 5).
REFUSED_FOR = timedelta(minutes=5)
PAUSED_FOR = timedelta(seconds=5)
READ_AGAIN_AFTER = timedelta(seconds=15)
FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0
HEALTHY_AFTER = timedelta(seconds=60)
WHOLE, BY_TYPE, OLDEST = "1.18", "1.17", "1.14"
TYPES_OF_FORM = {
    BY_TYPE: ("identification", "non_identification", "har", "roi", "crossing"),
    OLDEST: ("identification", "non_identification"),
}
NO_SOURCE = "Events are to come by webhook: add a source of this connection, with the check “address only”."
REDUCED = "It speaks the older websockets ({} sockets, one for each type): {}"


class Follower:
    """Follows the platform of one subscription. `dice` returns 0 to 1: the jitter of reconnects."""

    def __init__(
        self, row: Subscription, *, renew: Callable[[], None], dice: Callable[[], float] = random.random
    ) -> None:
        self._row, self._renew, self._dice = row, renew, dice
        self._receiver: Receiver | None = None
        self._learner = directory.Learner(row.connection)
        self._failures = 0
        self._try_at: datetime | None = None
        self._live_since: datetime | None = None
        self._looked_at: datetime | None = None
        self._read_try_at: datetime | None = None
        self._refusal: PermanentError | None = None

    @property
    def row(self) -> Subscription:
        return self._row

    def step(self, *, now: datetime, seconds: float) -> bool:
        """Do what is due, then wait up to `seconds` for events; False if there was nothing to wait on."""
        try:
            self._look(now)
            if not self._is_up and self._is_due(self._try_at, now):
                self._set_up(now)
            if self._is_up or self._refusal:
                self._read_again(now)
            return self._receive(now, seconds=seconds)
        except PermanentError as error:
            self._refused(error, now=now)
        except (OutboundOff, Paused) as error:
            self._wait(State.WAITING, str(error), until=now + PAUSED_FOR)
        except TransientError as error:
            self._again(error, now=now)
        return False

    def close(self) -> None:
        if self._receiver:
            self._receiver.close()
        self._receiver = self._live_since = None

    @property
    def _is_up(self) -> bool:
        return self._live_since is not None

    def _look(self, now: datetime) -> None:
        """Notice changes of the connection: begin anew with what it says now."""
        if not self._is_due(self._looked_at, now):
            return
        self._looked_at = now + LOOKED_AT_EVERY
        before = account_of(self._row.connection).fingerprint, self._row.connection.paused
        self._row.connection = Connection.objects.get(pk=self._row.connection_id)
        self._row.refresh_from_db(fields=["again", "removing"])
        changed = (account_of(self._row.connection).fingerprint, self._row.connection.paused) != before
        if changed or self._row.again:
            self._note(again=False)
            self.close()
            self._refusal, self._failures, self._try_at = None, 0, None
        if self._row.removing:
            self._remove()
        if self._row.connection.paused:
            raise Paused("The connection is paused.")

    def _remove(self) -> None:
        """Close, then take away what is ours there, endpoint before filter (sheet, 7.5: 6)."""
        self.close()
        stayed = setting_up.remove(self._row, self._client())
        Subscription.objects.filter(pk=self._row.pk).update(removing=False)
        self._row.removing = False
        Connection.objects.filter(pk=self._row.connection_id).update(paused=True)
        raise Paused(f"Removed at the platform, and paused. {stayed}".strip())

    def _client(self) -> OmniClient:
        return probing.client_of(self._row.connection, open_client(self._row.connection))

    def _set_up(self, now: datetime) -> None:
        """Converge, connect, and read what was missed before anything is called live."""
        connection = self._row.connection
        conditions = self._conditions()
        http = open_client(connection)
        client = probing.client_of(connection, http, now=now)
        hook_url = _hook_url(connection)
        told = setting_up.converge(self._row, client, conditions=conditions, hook_url=hook_url)
        if not hook_url:
            self._receiver, form = self._connected(client, http)
            if form != WHOLE:
                told = REDUCED.format(len(TYPES_OF_FORM[form]), told or setting_up.REDUCED)
            self._row.form = form
        self._say(State.CATCHING_UP, told, form=self._row.form)
        if self._is_due(self._row.directory_at, now, every=DIRECTORY_EVERY):
            self._sync_directory(now)
        self._backfill(client, now=now)
        self._live_since, self._refusal, self._try_at = now, None, None
        self._say(State.LIVE, told)
        report_success(connection)

    def _conditions(self) -> Conditions:
        try:
            return conditions_of(self._row.connection)
        except ValueError as error:
            raise PermanentError(f"The settings of the connection are wrong: {error}") from error

    def _connected(self, client: OmniClient, http: ConnectionClient) -> tuple[Receiver, str]:
        """Try the forms of the address that the server may have, the newest first (sheet, 5: capability probe)."""
        forms = [WHOLE] if client.able.told and client.able.has_filters else [BY_TYPE, OLDEST]
        if not client.able.told:
            forms = [WHOLE, BY_TYPE, OLDEST]
        for form in forms:
            try:
                return Receiver(self._urls(form, http), tls=http.tls), form
            except PermanentError as error:
                # An older server has no such path, or finds nothing in the query that it knows.
                if error.status not in (400, 401, 404) or form == forms[-1]:
                    raise
        raise AssertionError("unreachable")

    def _urls(self, form: str, http: ConnectionClient) -> list[str]:
        base, row = f"ws{http.base_url.rstrip('/').removeprefix('http')}/event-service", self._row
        if form == WHOLE:
            return [f"{base}/ws?{urlencode({'endpoint_id': row.endpoint_id})}"]
        query = {"endpoint_id": row.endpoint_id, "scope_id": row.remote_workspace}
        if form == OLDEST:
            account: Account = account_of(row.connection)
            query = {"access": token_of(account)}
        return [f"{base}/{type}/ws?{urlencode(query)}" for type in TYPES_OF_FORM[form]]

    def _read_again(self, now: datetime) -> None:
        """Do what is due of backfill, sweep and directory; while the socket is refused, too: nothing gets lost."""
        row, every = self._row, (BACKFILL_EVERY, SWEEP_EVERY, DIRECTORY_EVERY)
        due = [self._is_due(at, now, every=each) for at, each in zip(self._read_at(), every, strict=True)]
        if not any(due) or not self._is_due(self._read_try_at, now):
            return
        try:
            client = self._client()
            if due[0]:
                self._backfill(client, now=now)
            if due[1]:
                self._sweep(client, now=now)
            if due[2]:
                self._sync_directory(now)
        except FieldportError as error:  # the socket goes on; what was not read is read then
            self._read_try_at = now + READ_AGAIN_AFTER
            logger.warning("%s: reading again failed: %s", row.connection, error)
            self._note(note=str(error))
        if self._refusal:
            report_failure(row.connection, self._refusal)  # a backfill that works does not make it well

    def _read_at(self) -> tuple[datetime | None, datetime | None, datetime | None]:
        return self._row.backfilled_at, self._row.swept_at, self._row.directory_at

    def _sweep(self, client: OmniClient, *, now: datetime) -> None:
        row = self._row
        found = taking.sweep(row, client, conditions=self._conditions(), now=now, renew=self._renew)
        self._note(swept_at=now, found_later=row.found_later + found)

    def _sync_directory(self, now: datetime) -> None:
        row = self._row
        said = directory.sync(row, open_client(row.connection), now=now, renew=self._renew)
        self._note(directory_at=now, directory_note=said)

    def _backfill(self, client: OmniClient, *, now: datetime) -> None:
        row = self._row
        found = taking.backfill(row, client, conditions=self._conditions(), now=now, renew=self._renew)
        self._note(backfilled_at=now, found_later=row.found_later + found)

    def _receive(self, now: datetime, *, seconds: float) -> bool:
        if self._is_up and self._live_since and now - self._live_since > HEALTHY_AFTER:
            self._failures = 0
        if self._receiver is None:
            return False
        if messages := self._receiver.take(seconds=seconds):
            self._take(messages, now=now)
        return True

    def _take(self, messages: Sequence[Message], *, now: datetime) -> None:
        items = [each for each in map(_parsed, messages) if each is not None]
        result = taking.take_pushed(self._row.connection, items, conditions=self._conditions(), now=now)
        rejected = {index for index, _ in result.rejected}
        for _, reason in result.rejected:
            logger.warning("%s: an event was not taken: %s", self._row.connection, reason)
        if not rejected:
            for each in items:
                self._learner.learn(each, now=now)
        self._note(last_event_at=now, received=self._row.received + result.accepted)

    def _again(self, error: TransientError, *, now: datetime) -> None:
        """Connect again after a random part of a time that doubles (full jitter)."""
        self._failures += 1
        longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (self._failures - 1))
        delay = max(longest * self._dice(), min(error.retry_after or 0.0, LONGEST_DELAY))
        if self._failures > 1:  # one that is restarted there is back at once
            report_failure(self._row.connection, error)
        self._wait(State.AGAIN, str(error), until=now + timedelta(seconds=delay))

    def _refused(self, error: PermanentError, *, now: datetime) -> None:
        """Stop hammering: every five minutes, with an alarm (sheet, 5)."""
        self._refusal = error
        self._wait(State.REFUSED, str(error), until=now + REFUSED_FOR)
        report_failure(self._row.connection, error)

    def _wait(self, state: State, note: str, *, until: datetime) -> None:
        self.close()
        self._try_at = until
        self._say(state, note)

    def _say(self, state: State, note: str, **values: Any) -> None:
        if (self._row.state, self._row.note) != (state, note):
            logger.info("%s: %s %s", self._row.connection, state, note)
        self._note(state=state, note=note, **values)

    def _note(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self._row, name, value)
        Subscription.objects.filter(pk=self._row.pk).update(**values)

    @staticmethod
    def _is_due(at: datetime | None, now: datetime, *, every: timedelta = timedelta(0)) -> bool:
        return at is None or at + every <= now


def _hook_url(connection: Connection) -> str:
    """Return the address of our source, if events are to come by webhook; "" for a websocket."""
    if connection.setting("receive") != WEBHOOK:
        return ""
    source = WebhookSource.objects.filter(connection=connection, enabled=True).order_by("pk").first()
    if source is None:
        raise PermanentError(NO_SOURCE)
    return source.address


def _parsed(message: Message) -> Any | None:
    data = message if isinstance(message, bytes) else message.encode("utf-8", errors="replace")
    try:
        return safe_json.parse(data)
    except FieldportError as error:
        logger.warning("a message was not taken: %s", error)
        return None
