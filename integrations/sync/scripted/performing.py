"""A configured operation at a script's request, through the lane of its record.

The write is a row like any other: if the run does not come back for it, the lane's workers bring it on.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from integrations.connections.services import open_client
from integrations.core import clock
from integrations.core.errors import PermanentError, TransientError
from integrations.core.platforms import context_kind
from integrations.core.work import LeaseLost
from integrations.sync import jobs
from integrations.sync.choices import OperationKind
from integrations.sync.expressions import ExpressionError
from integrations.sync.given import NotKept, with_given
from integrations.sync.lookup import Found, look_up
from integrations.sync.messages import storable
from integrations.sync.models import OPEN_WRITES, Operation, RecordLane, RecordWrite, WriteState
from integrations.sync.plans import load
from integrations.sync.preview import UNKNOWN, Preview, rendered
from integrations.sync.script_source import SCRIPT
from integrations.sync.scripted.answers import named
from integrations.sync.scripted.asked import Effect, Performed, Undecided, Waiting
from integrations.sync.scripted.asking import print_of
from integrations.sync.scripted.holding import BUSY_FOR, busy, claim_of, lane_of
from integrations.sync.scripted.rows import insert, own_row, was_gone_on_after
from integrations.sync.templates import TemplateError

LooksUp = Callable[[Operation], dict[str, Any] | None]


def perform(effect: Effect, *, operation: Operation, given: Mapping[str, Any], now: datetime) -> Performed:
    """Carry out an operation once, or return what the ledger knows of it.

    `given` is `input` in the operation's templates; its `fields` (by dotted name) are merged over the mapped ones,
    `photo` is the number of the photo to attach.

    :raises Waiting: :raises Undecided: :raises NotDeterministic:
    :raises PermanentError: if it failed for good; the message says why
    """
    kept = storable(dict(given))
    arguments_hash = print_of(["perform", operation.pk, kept])
    row = own_row(effect, arguments_hash=arguments_hash)
    if row is None:
        _check(effect, operation)
        row = insert(effect, lane_of(effect), operation=operation, given=kept, arguments_hash=arguments_hash)
    elif row.state == WriteState.FAILED and not was_gone_on_after(row):
        _open_again(row, now=now)
    replayed = row.state not in OPEN_WRITES
    found = {} if replayed else _bring_on(row)
    record = found.get(operation.lookup_id or 0)
    return replace(_outcome(row, replayed=replayed), record=record.record if record else None)


def find(effect: Effect, *, lookup: Operation, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Look a record up, now; None if there is none.

    :raises TransientError: :raises PermanentError: also if there are several, and no operator chose one
    """
    _check(effect, lookup, kinds=(OperationKind.LOOKUP,))
    try:
        context = _context(effect, given)
        lane = RecordLane.objects.filter(connection=effect.connection, record_key=effect.record_key).first()
        choice = str(lane.choices.get(str(lookup.pk), "")) if lane else ""
        found = look_up(open_client(effect.connection), lookup, context, choice=choice)
    except (TemplateError, ExpressionError) as error:
        raise PermanentError(f"The look-up “{lookup}” cannot be made: {error}") from error
    if found.records and found.record is None:
        raise PermanentError(f"The look-up “{lookup}” found {len(found.records)} records, and one is needed.")
    return found.record


def preview(
    effect: Effect, *, operation: Operation, given: Mapping[str, Any], looks_up: LooksUp | None = None
) -> Preview:
    """Return what would be sent; the record is looked up, or known by `looks_up`; nothing is written or kept.

    :raises PermanentError: if the operation cannot be used so
    """
    _check(effect, operation)
    looks_up = looks_up or (lambda lookup: find(effect, lookup=lookup, given=given))
    try:
        context = {**_context(effect, given), **{name: UNKNOWN[name] for name in ("key", "child")}}
        record = _record(effect, operation, looks_up)
        return rendered(load(operation.pk), context | {"record": record}, effect.source_id)
    except (TemplateError, ExpressionError, PermanentError, TransientError) as error:
        return Preview(effect.source_id, problems=(str(error),))


def _record(effect: Effect, operation: Operation, looks_up: LooksUp) -> dict[str, Any]:
    """:raises PermanentError: :raises TransientError:"""
    if operation.lookup is None:
        return {"id": effect.record_key}
    found = looks_up(operation.lookup)
    if found is None:
        raise PermanentError(f"There is no record {effect.record_key} yet; the write would wait for it.")
    return found


def _check(effect: Effect, operation: Operation, *, kinds: tuple[str, ...] = ()) -> None:
    """:raises PermanentError: if the operation cannot be used so"""
    if operation.connection_id != effect.connection.pk:
        raise PermanentError(f"The mapping “{operation}” belongs to another connection than {effect.connection}.")
    if (operation.kind in kinds) if kinds else (operation.kind != OperationKind.LOOKUP):
        if operation.source_type in ("", SCRIPT, effect.source_type):
            return
        raise PermanentError(
            f"The mapping “{operation}” writes from {operation.source_type}, and this run is about "
            f"{effect.source_type or 'nothing'}. Make one whose source is “Script”."
        )
    raise PermanentError(f"The mapping “{operation}” is of another kind: it can {operation.get_kind_display()}.")


def _context(effect: Effect, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what templates may read. :raises PermanentError: if the source is gone"""
    try:
        facts = context_kind(effect.source_type or SCRIPT).load(effect.source_id)
        return with_given({**facts, "external_id": effect.record_key}, given)
    except (ObjectDoesNotExist, LookupError) as error:
        raise PermanentError(f"{effect.source_type} {effect.source_id} is not there any more.") from error
    except NotKept as error:
        raise PermanentError(str(error)) from error


def _open_again(row: RecordWrite, *, now: datetime) -> None:
    """The run is tried again, and nothing came after this refusal: it may be accepted now."""
    again = {"state": WriteState.WAITING, "note": "Its run is tried again.", "due_at": now, "ended_at": None}
    rows = RecordWrite.objects.filter(pk=row.pk, state=WriteState.FAILED)
    rows.update(**again, verdict="", attempts=0, first_tried_at=None, content_hash="")
    row.refresh_from_db()


def _bring_on(row: RecordWrite) -> dict[int, Found]:
    """Let the lane go as far as this write; return what was looked up. :raises Waiting: if the lane cannot be had"""
    RecordLane.objects.filter(pk=row.lane_id).want(now=clock.now())
    try:
        found = jobs.run_lane_to(claim_of(row.lane), row.pk)
    except LeaseLost as error:
        raise busy() from error
    row.refresh_from_db()
    return found


def _outcome(row: RecordWrite, *, replayed: bool) -> Performed:
    """:raises Waiting: :raises Undecided: :raises PermanentError:"""
    if row.state in OPEN_WRITES:
        lane = RecordLane.objects.get(pk=row.lane_id)
        due_at = max(lane.due_at, row.due_at, clock.now() + BUSY_FOR)
        raise Waiting(row.note or lane.note or "It waits for its turn.", due_at=due_at)
    if row.state == WriteState.UNSURE:
        raise Undecided(row.note, write_id=row.pk)
    if row.state == WriteState.FAILED:
        raise named(PermanentError(row.note, status=row.answer_status, body_start=row.answer), row)
    return Performed(row.pk, row.verdict or WriteState.SKIPPED.value, row.target_id, row.note, replayed)
