"""A write that was sent, by us or by a worker that died, and is not settled: did it arrive?"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from integrations.core.errors import TransientError
from integrations.core.retry import expired
from integrations.sync import ledger
from integrations.sync.attempting import add_names, meant_by
from integrations.sync.delivering import MOST_SENDS, Delivery, deliver, verdict_of
from integrations.sync.mappings import nested
from integrations.sync.models import KeyPlace, RecordWrite, Verdict, WhenUnsure, WriteState
from integrations.sync.plans import Plan
from integrations.sync.readback import Seen
from integrations.sync.rendering import message_of
from integrations.sync.run import Held, Run, effect_id, file_of, key_word

TRIED_FOR = timedelta(hours=72)


def settle(run: Run, write: RecordWrite, plan: Plan) -> None:
    """Find out, and send again only what is known not to be there, or cannot double.

    :raises Held: before its time :raises TransientError: :raises PermanentError:
    """
    if write.due_at > run.now:
        raise Held(write.note or "It may have been sent; it is read back in a moment.", due_at=write.due_at)
    delivery = _delivery(run, write, plan)
    answered = write.answer_status is not None
    if plan.provable:
        seen = delivery.seen()
        if seen.there or (answered and not seen.known):
            said = "Read back after the settle time." if answered else "It was sent, and its answer did not come."
            verdict_of(delivery, seen, said=said)
        elif seen.known:
            _not_there(delivery, seen, answered=answered)
        else:
            _not_known(delivery, seen.note)
    else:
        _not_known(delivery, "")


def _delivery(run: Run, write: RecordWrite, plan: Plan) -> Delivery:
    context = dict(run.context(write))
    if plan.operation.kind == "ATTACH":
        context["file"] = file_of(write).facts()
    context["record"] = _record(run, write, plan, context)
    context["fields"] = nested(write.content or {})
    effect = effect_id(plan, write, run.lane.record_key)
    word = key_word(plan, write, effect=effect, key=write.key or "", content_hash=write.content_hash)
    add_names(context, plan, key=word, child_id=write.target_id)
    request: Mapping[str, Any] = write.request or {}
    return Delivery(run, write, plan, context, meant_by(plan, write.content or {}, context, request.get("body")))


def _record(run: Run, write: RecordWrite, plan: Plan, context: dict[str, Any]) -> dict[str, Any]:
    lookup = plan.operation.lookup
    if lookup is None:
        return {"id": run.lane.record_key}
    found = run.found(lookup, context)
    if found.record is None:
        raise TransientError(f"The record {run.lane.record_key} is not found just now, so it cannot be read back.")
    return found.record


def _not_there(delivery: Delivery, seen: Seen, *, answered: bool) -> None:
    """It did not arrive, or changed nothing."""
    write = delivery.write
    if answered and write.sends >= MOST_SENDS:
        note = f"Sent {write.sends} times and answered with success, but: {seen.note} Look into the system, then retry."
        delivery.done(Verdict.DRIFTED, note, read_back=seen.shown)
    else:
        _send_again(delivery, fresh_key=answered and delivery.plan.is_update)


def _not_known(delivery: Delivery, why: str) -> None:
    operation = delivery.plan.operation
    if delivery.plan.keyed or operation.when_unsure == WhenUnsure.REPEAT:
        _send_again(delivery)
        return
    note = f"It may have been written, and that cannot be found out: {why or 'no key, no read-back, no marker.'}"
    note += " Look into the system, then mark it as done or send it again."
    ledger.end(delivery.write, WriteState.UNSURE, verdict=Verdict.UNSURE, note=note)


def _send_again(delivery: Delivery, *, fresh_key: bool = False) -> None:
    """Send the very request of the ledger.

    An update that was answered and changed nothing gets a fresh key: the target would only repeat its answer.
    """
    write, run, plan = delivery.write, delivery.run, delivery.plan
    if expired(since=write.first_tried_at, now=run.now, longest=TRIED_FOR):
        note = f"Tried for 72 hours without a clear answer; the last one: {write.note}"
        ledger.end(write, WriteState.UNSURE, verdict=Verdict.UNSURE, note=f"{note} Look into the system and decide.")
        return
    key = write.key
    if fresh_key and plan.operation.key_place == KeyPlace.HEADER:
        key = f"{(key or '').partition('.')[0]}.{write.sends + 1}"
    message = message_of(plan, delivery.context).as_kept(write.request or {})
    ledger.intend(write, now=run.now, settle=run.settle, key=key)
    deliver(delivery, message)
