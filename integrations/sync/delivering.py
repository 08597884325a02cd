"""A write whose intent is on record: send it, judge the answer, read back, give the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NoReturn

from integrations.core.errors import (
    AuthFailed,
    Captured,
    PermanentError,
    TransientError,
    Unsure,
)
from integrations.sync import ledger
from integrations.sync.exchange import refusal, send_for
from integrations.sync.expressions import ExpressionError, evaluate, holds
from integrations.sync.guarantee import reads_back
from integrations.sync.mappings import nested
from integrations.sync.messages import Answer, Message
from integrations.sync.models import KeyPlace, OperationKind, RecordWrite, Verdict, WriteState
from integrations.sync.plans import Plan
from integrations.sync.readback import Meant, Seen, read_back
from integrations.sync.rendering import message_of
from integrations.sync.run import Held, Run, file_of
from integrations.sync.templates import as_text

MOST_SENDS = 3
_REFUSED_CONTENT = frozenset({200, 400, 422})


@dataclass(frozen=True)
class Delivery:
    """One write with all that its request and its read-back need."""

    run: Run
    write: RecordWrite
    plan: Plan
    context: Mapping[str, Any]
    meant: Meant
    problems: tuple[str, ...] = ()

    def seen(self) -> Seen:
        """:raises TransientError:"""
        return read_back(self.run.client, self.plan.operation, self.context, self.meant)

    def done(self, verdict: Verdict, note: str, **values: Any) -> None:
        told = f"{note} Not written: {'; '.join(self.problems)}." if self.problems else note
        ledger.end(self.write, WriteState.DONE, verdict=verdict, note=told, **values)

    def is_success(self, answer: Answer) -> bool:
        """Judge by the mapping's condition; without one, an answer that lists errors is none."""
        condition = self.plan.operation.success
        if condition:
            return holds(condition, answer.as_context())
        return not lists_errors(answer.body)

    @property
    def may_be_parted(self) -> bool:
        """Whether the fields may be written one by one."""
        operation = self.plan.operation
        return not operation.all_or_nothing and self.plan.sends_fields and len(self.meant.fields) > 1

    def exists_already(self, answer: Answer) -> bool:
        condition = self.plan.operation.already_exists
        return bool(condition) and holds(condition, answer.as_context())


def lists_errors(body: Any) -> bool:
    """Say whether an answer tells of errors: at its top, or as GraphQL schemas do, in a mutation's own payload."""
    if not isinstance(body, dict):
        return False
    data = body.get("data")
    payloads = [each for each in data.values() if isinstance(each, dict)] if isinstance(data, dict) else []
    return bool(body.get("errors")) or any(each.get("errors") or each.get("userErrors") for each in payloads)


class SaidNo(Exception):
    """The system answered and did not do it; the message is for a person."""

    def __init__(self, note: str, answer: Answer) -> None:
        super().__init__(note)
        self.answer = answer


def deliver(delivery: Delivery, message: Message) -> None:
    """Send, and go on as far as it goes now.

    :raises Held: while it is not known whether it arrived, or is not seen there yet
    :raises TransientError: :raises AuthFailed: if it was not carried out; the write waits again
    """
    try:
        answer = _sent(delivery, message, key=delivery.write.key or "")
    except Captured as error:
        delivery.done(Verdict.CAPTURED, f"{error} This is the request that would have been sent.")
    except SaidNo as refusal:
        _refused(delivery, refusal)
    else:
        _conclude(delivery, answer)


def _sent(delivery: Delivery, message: Message, *, key: str) -> Answer:
    """Send one request that changes something; return the answer if it is a success. :raises SaidNo:"""
    try:
        ready = _ready(delivery, message, key)
        answer = send_for(delivery.plan.operation, delivery.run.client, ready, effect=True, boundary=key[:32])
    except Unsure as error:
        _unsure(delivery, error)
    except (TransientError, AuthFailed) as error:
        _not_carried_out(delivery.write, error)
        raise
    except PermanentError as error:
        raise SaidNo(str(error), refusal(error)) from error
    if not delivery.is_success(answer):
        condition = delivery.plan.operation.success or "no list of errors"
        raise SaidNo(f"Answered {answer.status}, but that is no success by the condition: {condition}.", answer)
    return answer


def _ready(delivery: Delivery, message: Message, key: str) -> Message:
    """Add what is not kept in the ledger: the key's header and the file's bytes."""
    operation = delivery.plan.operation
    if operation.key_place == KeyPlace.HEADER:
        message = replace(message, headers={**message.headers, operation.key_header: key})
    if operation.kind == OperationKind.ATTACH:
        message = file_of(delivery.write).put_into(message)
    return message


def _unsure(delivery: Delivery, error: Unsure) -> NoReturn:
    due_at = delivery.run.now + delivery.run.settle
    note = f"{error} {_next(delivery, due_at)}"
    ledger.unsettled(delivery.write, due_at=due_at, note=note, answer=error.body_start)
    raise Held(note, due_at=due_at) from error


def _next(delivery: Delivery, due_at: datetime) -> str:
    at = f"{due_at:%H:%M:%S} UTC"
    return f"It is read back at {at}." if delivery.plan.provable else f"It is settled at {at}."


def _not_carried_out(write: RecordWrite, error: TransientError | AuthFailed) -> None:
    if error.status is None:
        ledger.take_back(write, note=str(error))
    else:
        waiting = {"state": WriteState.WAITING, "note": str(error), "due_at": write.sent_at}
        ledger.change(write, answer_status=error.status, answer=error.body_start, **waiting)


def _refused(delivery: Delivery, refusal: SaidNo) -> None:
    """The system says no; if the effect is there all the same, that counts."""
    answer, note = refusal.answer, str(refusal)
    if delivery.exists_already(answer):
        _conclude(delivery, answer, existed=True)
        return
    given = {"answer_status": answer.status or None, "answer": answer.text}
    if 200 <= answer.status < 300 and delivery.plan.provable:
        seen = _seen_or_hold(delivery, answer)
        if seen.there:
            told = f"{note} It was found there by reading back."
            delivery.done(Verdict.CONFIRMED, told, read_back=seen.shown, **given)
            return
    if delivery.may_be_parted and answer.status in _REFUSED_CONTENT:
        _write_the_rest(delivery, refusal)
    else:
        ledger.fail(delivery.write, note, **given)


def _write_the_rest(delivery: Delivery, refusal: SaidNo) -> None:
    """Write field by field what the system takes, and tell what it does not."""
    written: dict[str, Any] = {}
    problems, answer = list(delivery.problems), refusal.answer
    for number, (name, value) in enumerate(delivery.meant.fields.items(), start=1):
        context = {**delivery.context, "fields": nested({name: value})}
        try:
            answer = _sent(delivery, message_of(delivery.plan, context), key=f"{delivery.write.key}.f{number}")
            written[name] = value
        except SaidNo as said:
            problems.append(f"{name}: {said.answer.text or said}")
    if written:
        parted = replace(delivery, meant=replace(delivery.meant, fields=written), problems=tuple(problems))
        _conclude(parted, answer, content=written)
    else:
        note = f"{refusal} No field was taken by itself either: {'; '.join(problems)}"
        ledger.fail(delivery.write, note, answer_status=refusal.answer.status, answer=refusal.answer.text)


def _conclude(delivery: Delivery, answer: Answer, *, existed: bool = False, **values: Any) -> None:
    """The system says yes; a status is no proof, so look."""
    operation, write = delivery.plan.operation, delivery.write
    child_id = write.target_id or _created_id(operation.created_id, answer)
    given: dict[str, Any] = {"answer_status": answer.status, "answer": answer.text, "target_id": child_id, **values}
    said = "It existed already." if existed else f"Answered {answer.status}."
    if not reads_back(operation):
        delivery.done(Verdict.UNVERIFIED, f"{said} Nothing was read back: the mapping has no read-back.", **given)
    elif not delivery.plan.provable:
        delivery.done(Verdict.UNVERIFIED, f"{said} Nothing marks it, so it cannot be found by reading back.", **given)
    else:
        seeing = replace(delivery, context={**delivery.context, "child": {"id": child_id}})
        verdict_of(seeing, _seen_or_hold(seeing, answer), said=said, **given)


def _created_id(expression: str, answer: Answer) -> str:
    try:
        return as_text(evaluate(expression, answer.as_context()))[:200] if expression else ""
    except ExpressionError:
        return ""


def _seen_or_hold(delivery: Delivery, answer: Answer) -> Seen:
    try:
        return delivery.seen()
    except (TransientError, AuthFailed):
        given = {"answer_status": answer.status, "answer": answer.text}
        note = f"Answered {answer.status}; it could not be read back yet."
        ledger.unsettled(delivery.write, due_at=delivery.run.now, note=note, **given)
        raise


def verdict_of(delivery: Delivery, seen: Seen, *, said: str, **given: Any) -> None:
    """End the write by what was seen, or wait for the settle time. :raises Held:"""
    write = delivery.write
    given["target_id"] = seen.child_id or given.get("target_id", write.target_id)
    if seen.there:
        delivery.done(
            Verdict.CONFIRMED, f"{said} {seen.note or 'Read back and found as meant.'}", read_back=seen.shown, **given
        )
    elif not seen.known:
        delivery.done(Verdict.UNVERIFIED, f"{said} {seen.note}", **given)
    else:
        due_at = delivery.run.now + delivery.run.settle
        note = f"{said} {seen.note} It is read again at {due_at:%H:%M:%S} UTC: some systems apply late."
        ledger.unsettled(write, due_at=due_at, note=note, read_back=seen.shown, **given)
        raise Held(note, due_at=due_at)


def confirm_if_there(delivery: Delivery) -> bool:
    """Before a repetition: if an earlier try arrived after all, end the write. :raises TransientError:"""
    if not delivery.plan.provable:
        return False
    seen = delivery.seen()
    if seen.there:
        values = {"read_back": seen.shown, "target_id": seen.child_id}
        delivery.done(Verdict.CONFIRMED, "An earlier try had arrived: it was found by reading back.", **values)
    return seen.there
