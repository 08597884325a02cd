"""A write that waits: is it wanted, what is its content, on which record, and its intent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from integrations.core.platforms import context_kind
from integrations.sync import ledger
from integrations.sync.delivering import Delivery, confirm_if_there, deliver
from integrations.sync.expressions import holds
from integrations.sync.given import PHOTO, fields_over, photo_of
from integrations.sync.history import Past, Step, past_of
from integrations.sync.lookup import Found, candidates
from integrations.sync.mappings import mapped, nested
from integrations.sync.messages import storable
from integrations.sync.models import OperationKind, RecordWrite, WriteState
from integrations.sync.plans import Plan
from integrations.sync.readback import Meant
from integrations.sync.rendering import Content, content_of, message_of
from integrations.sync.run import Run, effect_id, file_of, key_of, key_word, kind_of
from integrations.sync.steady import steady
from integrations.sync.templates import fill

LOOKUP_WAITS = (10.0, 30.0, 60.0, 120.0, 300.0, 900.0)
FORCED = ("replay", "operator")


class Ended(Exception):
    """The write has ended before anything was sent; its row says why."""


@dataclass
class Attempt:
    """One write on its way to its intent."""

    run: Run
    write: RecordWrite
    plan: Plan
    context: dict[str, Any]
    problems: tuple[str, ...] = ()

    def skip(self, note: str, **values: Any) -> Ended:
        ledger.skip(self.write, note, **values)
        return Ended()

    def fail(self, note: str) -> Ended:
        ledger.fail(self.write, note)
        return Ended()


def attempt(run: Run, write: RecordWrite, plan: Plan) -> None:
    """Bring a waiting write as far as it goes now.

    :raises Held: :raises TransientError: :raises PermanentError: :raises TemplateError: :raises ExpressionError:
    """
    try:
        each = Attempt(run, write, plan, {})
        _check_wanted(each)
        each.context = dict(run.context(write))
        if plan.operation.kind == OperationKind.ATTACH:
            each.context["file"] = file_of(write).facts()
        _prepare(each)
    except Ended:
        return


def _check_wanted(each: Attempt) -> None:
    operation, connection, write = each.plan.operation, each.run.connection, each.write
    if not operation.enabled:
        raise each.skip(f"The mapping “{operation}” is switched off. Switch it on and replay to write this.")
    if write.occurred_at < connection.write_from and write.reason not in FORCED:
        raise each.skip(
            f"It happened on {_day(write.occurred_at)}, and {connection} writes only what is newer than "
            f"{_day(connection.write_from)}. It is kept as history; replay it to write it all the same."
        )


def _prepare(each: Attempt) -> None:
    found = _record(each) if each.plan.reads_record else None
    condition = each.plan.operation.condition
    if condition and not holds(condition, each.context):
        raise each.skip(f"The mapping's condition is not met: {condition}")
    fields = _fields(each)
    content = _content(each, fields)
    past = past_of(each.write, whole_record=each.plan.is_update)
    step = past.next_step(each.plan, each.write, content.hash)
    if step.equals:
        generation = past.next_generation(each.write)
        ledger.skip_as_equal(each.write, step.skip, content_hash=content.hash, generation=generation)
        return
    if step.skip:
        raise each.skip(step.skip, target_id=step.child_id)
    if found is None:
        _record(each)
    each.context["fields"] = nested(fields)
    _intend_and_deliver(each, content, past, step)


def _fields(each: Attempt) -> dict[str, Any]:
    made = mapped(each.plan.rules, each.context, each.run.house)
    each.problems = made.problems
    if made.problems and each.plan.operation.all_or_nothing:
        raise each.fail(f"Nothing was sent, because a field cannot be made: {'; '.join(made.problems)}")
    values = fields_over(each.plan.operation, made.values, each.write.given)
    if each.plan.is_update and each.plan.rules and not values:
        raise each.skip("All mapped fields are empty and left out; there is nothing to write.")
    return values


def _content(each: Attempt, fields: dict[str, Any]) -> Content:
    """Return what is meant, with a print that stays the same while only volatile values change."""
    write, plan = each.write, each.plan
    same = steady(kind_of(write), write.source_id, each.context)
    if photo := photo_of(write.given):
        same = steady(context_kind(PHOTO), photo, same)
    if same is each.context:
        return content_of(plan, same, fields)
    made = fields_over(plan.operation, mapped(plan.rules, same, each.run.house).values, write.given)
    return replace(content_of(plan, same, made), fields=storable(fields))


def _record(each: Attempt) -> Found | None:
    """Find the record; `record` is in the context afterwards."""
    lookup, run = each.plan.operation.lookup, each.run
    if lookup is None:
        each.context["record"] = {"id": run.lane.record_key}
        return Found((), each.context["record"])
    found = run.found(lookup, each.context)
    if found.record is None:
        raise _not_one(each, found)
    if found.closed and run.connection.skip_closed_records and each.write.reason != "operator":
        raise each.skip("The record is closed in the system, and this connection skips closed records.")
    each.context["record"] = found.record
    return found


def _not_one(each: Attempt, found: Found) -> Ended:
    run, write, lookup = each.run, each.write, each.plan.operation.lookup
    assert lookup is not None
    name = run.lane.record_key
    if found.records:
        note = f"The look-up “{lookup}” found {len(found.records)} records for {name}. Choose which one is meant."
        values = {"candidates": candidates(lookup, found), "verdict": ""}
        ledger.end(write, WriteState.UNSURE, note=note, candidates=values["candidates"])
        return Ended()
    now, until = run.now, (write.first_tried_at or run.now) + timedelta(hours=lookup.wait_hours)
    if now >= until:
        return each.fail(
            f"No record {name} was found for {lookup.wait_hours:g} hours. Create it, or correct the key, then retry."
        )
    seconds = LOOKUP_WAITS[min(write.attempts, len(LOOKUP_WAITS) - 1)]
    note = f"There is no record {name} yet. It is looked for again, until {_minute(until)}."
    ledger.wait(write, due_at=min(now + timedelta(seconds=seconds), until), note=note, now=now)
    return Ended()


def _intend_and_deliver(each: Attempt, content: Content, past: Past, step: Step) -> None:
    run, write, plan = each.run, each.write, each.plan
    effect = effect_id(plan, write, run.lane.record_key)
    generation = write.generation or 0
    if not generation or write.content_hash != content.hash:
        generation = past.next_generation(write)
    key = key_of(effect, generation)
    word = key_word(plan, write, effect=effect, key=key, content_hash=content.hash)
    add_names(each.context, plan, key=word, child_id=step.child_id)
    message = message_of(plan, each.context, update=step.update)
    meant = meant_by(plan, content.fields, each.context, message.body)
    delivery = Delivery(run, write, plan, each.context, meant, each.problems)
    if (step.seek or write.sends) and not plan.is_update and not step.update and confirm_if_there(delivery):
        return
    ledger.intend(
        write,
        now=run.now,
        settle=run.settle,
        generation=generation,
        key=key,
        content=dict(meant.fields),
        content_hash=content.hash,
        request=message.kept(),
        target_id=step.child_id,
    )
    deliver(delivery, message)


def add_names(context: dict[str, Any], plan: Plan, *, key: str, child_id: str) -> None:
    """Add the key, the marker and the child to what templates may read. :raises TemplateError:"""
    context["key"] = key
    context["child"] = {"id": child_id}
    context["marker"] = str(fill(plan.operation.marker, context)) if plan.operation.marker else ""


def meant_by(plan: Plan, fields: Mapping[str, Any], context: Mapping[str, Any], body: Any) -> Meant:
    """Return what reading back must show."""
    marker = str(context["marker"])
    if not marker and plan.operation.key_place == "BODY" and not plan.is_update:
        marker = str(context["key"])
    if not fields and not plan.is_graphql and plan.is_update and isinstance(body, dict):
        return Meant(body, marker)
    return Meant(fields, marker)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


_minute = _day
