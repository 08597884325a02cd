"""A script's own request: intent, send, answer, each committed before the next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

import requests

from integrations.core import safe_json
from integrations.core.errors import AnswerTooLarge, Captured, FieldportError, Unsure
from integrations.core.http import Options
from integrations.sync import ledger
from integrations.sync.models import RecordWrite, Verdict, WriteKind, WriteState
from integrations.sync.raw_settling import AGAIN, DECIDE
from integrations.sync.run import Run, key_of
from integrations.sync.scripted.answers import (
    CAPTURED,
    Fill,
    Mask,
    is_refusal,
    known_answer,
    named,
    reply_of,
    start_of,
)
from integrations.sync.scripted.asked import Effect, RawRequest, Reply, Undecided, Waiting
from integrations.sync.scripted.asking import Asked, asked_for, body_of, effect_of, key_header, method_of
from integrations.sync.scripted.holding import held, lane_of
from integrations.sync.scripted.rows import insert, newest_that_counts, next_generation, own_row

TEXT = "text/plain; charset=utf-8"


def send_raw(effect: Effect, request: RawRequest, *, fill: Fill, now: datetime) -> Reply:
    """Send a request once, or return the answer that the ledger has.

    `fill(value)` puts secrets into a JSON value just before it is sent; the ledger keeps their placeholders only.

    :raises Waiting: :raises Undecided: :raises NotDeterministic:
    :raises TransientError: :raises PermanentError: with the answer's `status`, `headers` and `content`, if there is one
    """
    asked = asked_for(effect, request)
    row = own_row(effect, arguments_hash=asked.arguments_hash)
    if row and (known := known_answer(row)):
        return known
    with held(lane_of(effect)) as run:
        row = own_row(effect, arguments_hash=asked.arguments_hash)  # settled just now, or by whoever held the lane
        known = known_answer(row) if row else _equal(effect, run, asked)
        if known:
            return known
        client = run.client  # refuses while the connection is paused, before anything is on record
        sending = _Sending(effect, request, run, Mask(client, request, fill), fill)
        return sending.send(_intended(effect, asked, run, row))


def preview_raw(effect: Effect, request: RawRequest) -> dict[str, Any]:
    """Return what would be sent, as the ledger would keep it; nothing is sent or written."""
    return asked_for(effect, request).kept


def _equal(effect: Effect, run: Run, asked: Asked) -> Reply | None:
    """Return the answer of another run that has sent this very content last. :raises Undecided: if it may have"""
    last = newest_that_counts(effect, run.lane)
    if last is None or last.content_hash != asked.content_hash:
        return None
    if last.state != WriteState.DONE:
        raise Undecided(f"Write {last.pk} of the same content waits for a decision: {last.note}", write_id=last.pk)
    row = insert(
        effect,
        run.lane,
        kind=WriteKind.RAW,
        state=WriteState.SKIPPED,
        note=f"The content equals the last one that was sent, by write {last.pk}.",
        ended_at=run.now,
        arguments_hash=asked.arguments_hash,
        request=asked.kept,
        reply=last.reply or {},
        answer_status=last.answer_status,
    )
    return reply_of(row, replayed=True)


def _intended(effect: Effect, asked: Asked, run: Run, row: RecordWrite | None) -> RecordWrite:
    """Note, before the request leaves, that it may have left; a repetition has the key of the first try."""
    now = run.now
    if row is not None and row.generation:
        ledger.intend(row, now=now, settle=run.settle, request=asked.kept, content_hash=asked.content_hash)
        return row
    generation = next_generation(effect, run.lane)
    values: dict[str, Any] = {"generation": generation, "key": key_of(effect_of(effect), generation)}
    values |= {"request": asked.kept, "content_hash": asked.content_hash}
    if row is not None:  # it equalled another one, and an operator wants it sent all the same
        ledger.intend(row, now=now, settle=run.settle, **values)
        return row
    sent = {"state": WriteState.SENT, "sends": 1, "attempts": 1, "sent_at": now, "first_tried_at": now}
    hashes = {"arguments_hash": asked.arguments_hash}
    return insert(effect, run.lane, kind=WriteKind.RAW, due_at=now + run.settle, **sent, **values, **hashes)


@dataclass(frozen=True)
class _Sending:
    """One request whose intent is on record."""

    effect: Effect
    request: RawRequest
    run: Run
    mask: Mask
    fill: Fill

    def send(self, row: RecordWrite) -> Reply:
        try:
            response = self._sent(row)
        except Captured as error:
            reply = {"status": CAPTURED, "headers": {}, "text": ""}
            note = f"{error} This is the request that would have been sent."
            ledger.end(row, WriteState.DONE, verdict=Verdict.CAPTURED, note=note, reply=reply)
            return reply_of(row, replayed=False)
        except Unsure as error:
            self._unsure(row, error)
        except AnswerTooLarge as error:
            return self._too_large(row, error)
        except FieldportError as error:
            self._failed(row, error)
        return self._answered(row, response)

    def _sent(self, row: RecordWrite) -> requests.Response:
        request, client = self.request, self.run.client
        path = request.path
        if request.document:
            path = path or str(client.connection.setting("graphql_path", "/graphql"))
        client.allow_hosts = request.hosts
        response = client.request(method_of(request), path, **self._options(row))
        if request.document and not _is_graphql(response):
            said = f"{path}: answered {response.status_code} with something that is not GraphQL."
            error = Unsure(f"{said} It may have been carried out.", status=response.status_code)
            error.content = response.content
            raise error
        return response

    def _options(self, row: RecordWrite) -> Options:
        request = self.request
        headers, body = self.fill(dict(request.headers)), self.fill(body_of(request))
        if (name := key_header(self.effect)) and name.lower() not in {each.lower() for each in headers}:
            headers[name] = row.key or ""
        options = Options(params=request.query, effect=True)
        if request.timeout:
            options["timeout"] = request.timeout
        if request.document:
            options["json"] = {"query": request.document, "variables": body}
        elif request.form is not None:
            options["data"] = body
        elif request.text is not None:
            options["data"] = str(body).encode()
            headers = {"Content-Type": TEXT} | headers
        elif body is not None:
            options["json"] = body
        return options | Options(headers=headers)

    def _answered(self, row: RecordWrite, response: requests.Response) -> Reply:
        kept = self.mask.kept(response.status_code, response.headers, response.content)
        given = {"answer_status": response.status_code, "answer": start_of(kept), "reply": kept}
        if self.request.document and is_refusal(response):
            ledger.fail(row, "Answered with errors, and nothing was carried out.", **given)
        else:
            note = f"Answered {response.status_code}."
            ledger.end(row, WriteState.DONE, verdict=Verdict.UNVERIFIED, note=note, **given)
        return reply_of(row, replayed=False)

    def _too_large(self, row: RecordWrite, error: AnswerTooLarge) -> Reply:
        """The answer is too long to be read; its status says how the request went."""
        status = error.status or 0
        if status >= 500:
            self._unsure(row, Unsure(str(error), status=status))
        if not 200 <= status < 300:
            self._failed(row, error)
        reply = {"status": status, "headers": {}, "text": ""}
        ledger.end(row, WriteState.DONE, verdict=Verdict.UNVERIFIED, note=str(error), answer_status=status, reply=reply)
        return reply_of(row, replayed=False)

    def _failed(self, row: RecordWrite, error: FieldportError) -> NoReturn:
        """It was not carried out: refused, or it did not leave."""
        given = self._given(error)
        if error.status is None:
            given["sends"] = row.sends - 1
        ledger.fail(row, f"Not carried out: {error} {AGAIN}", **given)
        raise named(error, row)

    def _unsure(self, row: RecordWrite, error: Unsure) -> NoReturn:
        """It may have been carried out; what follows depends on how that can be found out."""
        given, due_at = self._given(error), self.run.now + self.run.settle
        request: dict[str, Any] = row.request or {}
        if request.get("read_back"):
            note = f"{error} It is read back at {due_at:%H:%M:%S} UTC."
            ledger.unsettled(row, due_at=due_at, note=note, **given)
            raise Waiting(note, due_at=due_at) from error
        if request.get("repeatable"):
            ledger.unsettled(row, due_at=due_at, note=f"{error} {AGAIN}", **given)
            raise named(_in(error, due_at - self.run.now), row)
        note = f"{error} Once cannot be promised for it: no read-back, and no key goes out. {DECIDE}"
        ledger.end(row, WriteState.UNSURE, verdict=Verdict.UNSURE, note=note, **given)
        raise Undecided(note, write_id=row.pk) from error

    def _given(self, error: FieldportError) -> dict[str, Any]:
        if error.status is None:
            return {}
        kept = self.mask.kept(error.status, error.headers, error.content)
        error.headers, error.content = kept["headers"], str(kept["text"]).encode()
        return {"answer_status": error.status, "answer": start_of(kept), "reply": kept}


def _in(error: Unsure, wait: timedelta) -> Unsure:
    """Let the next try come after the settle time: some systems apply late."""
    error.retry_after = max(error.retry_after or 0.0, wait.total_seconds())
    return error


def _is_graphql(response: requests.Response) -> bool:
    try:
        body = safe_json.parse(response.content)
    except safe_json.UnreadableJSON:
        return False
    return isinstance(body, dict) and bool({"data", "errors"} & body.keys())
