"""A script's own request that was sent and got no clear answer: was it carried out?

Its row says how that is found out: `request.read_back`, a path and a JMESPath expression over the answer that holds if
the effect is there; or `request.repeatable`, if a repetition does no harm. Only its run sends it again.
"""

from dataclasses import dataclass
from typing import Any

from integrations.core.errors import NotFound, PermanentError
from integrations.sync import ledger
from integrations.sync.exchange import send
from integrations.sync.expressions import ExpressionError, holds
from integrations.sync.messages import Answer, Message, storable
from integrations.sync.models import RecordWrite, Verdict, WriteState
from integrations.sync.run import Held, Run

AGAIN = "It is sent again when its run is tried again."
DECIDE = "Look into the system, then mark it as done or send it again."


@dataclass(frozen=True)
class Looked:
    """What reading back showed. `answer` is kept as the reply of a write whose own was lost."""

    there: bool
    answer: Answer


def settle_raw(run: Run, write: RecordWrite) -> None:
    """End the row by what is seen. :raises Held: before its time :raises TransientError:"""
    if write.due_at > run.now:
        raise Held(write.note or "It may have been sent; that is looked into in a moment.", due_at=write.due_at)
    request: dict[str, Any] = write.request or {}
    if request.get("read_back"):
        _by_reading_back(run, write, *request["read_back"])
    elif request.get("repeatable"):
        ledger.fail(write, f"Sent, without a clear answer; a repetition does no harm. {AGAIN}")
    else:
        note = "It may have been carried out, and that cannot be found out: no read-back, and no key goes out."
        ledger.end(write, WriteState.UNSURE, verdict=Verdict.UNSURE, note=f"{note} {DECIDE}")


def _by_reading_back(run: Run, write: RecordWrite, path: str, expression: str) -> None:
    try:
        looked = _look(run, path, expression)
    except (PermanentError, ExpressionError) as error:
        note = f"It was sent, and could not be read back: {error} {DECIDE}"
        ledger.end(write, WriteState.UNSURE, verdict=Verdict.UNSURE, note=note)
        return
    if not looked.there:
        ledger.fail(write, f"Sent, without a clear answer; reading back, it is not there. {AGAIN}")
        return
    answer = looked.answer
    ledger.end(
        write,
        WriteState.DONE,
        verdict=Verdict.CONFIRMED,
        note="It was sent, and its answer did not come: found by reading back.",
        read_back=answer.body if isinstance(answer.body, dict) else None,
        reply={"status": answer.status, "headers": storable(answer.headers), "text": storable(answer.text)},
    )


def _look(run: Run, path: str, expression: str) -> Looked:
    try:
        answer = send(run.client, Message("GET", path), effect=False, whole=True)
    except NotFound:
        return Looked(False, Answer(404))
    return Looked(not expression or holds(expression, answer.as_context()), answer)
