"""Look-ups of a dry run answered as an earlier run got them: for trying a text again when the world has moved on."""

import json
from dataclasses import dataclass, field
from typing import Any

from integrations.core.errors import AddressRefused, FieldportError, PermanentError, TransientError
from integrations.scripts.hosting.asking import Refused, refused
from integrations.scripts.hosting.journal import READ_KEPT, Call, cut
from integrations.scripts.models import ScriptCall, ScriptRun
from integrations.sync.models import Operation

TRANSIENT, PERMANENT, REFUSED = "transient", "permanent", "refused"


@dataclass
class Recorded:
    """What the last try of a run looked up. Equal questions get their answers in the order of that run."""

    run: ScriptRun
    _left: list[ScriptCall] = field(init=False)
    _records: dict[int, Any] = field(init=False)

    def __post_init__(self) -> None:
        calls = list(self.run.outgoing.order_by("attempt", "ordinal"))
        self._left = [call for call in calls if call.attempt == self.run.attempts and call.write_id is None]
        # A write that an earlier try has carried out is not looked up again by the last one.
        found = [(call.details["lookup"], _record_of(call)) for call in calls if "lookup" in call.details]
        self._records = {lookup: record for lookup, record in found if record}

    def look_up(self, call: Call) -> str:
        """Answer a call with what is kept, and return its text.

        :raises Refused: if that run asked no such thing, its answer was too long to be kept whole, or it was refused
        :raises FieldportError: as the call of that run did
        """
        known = self._next(call)
        if known.note:
            raise _failed(known)
        if len(known.answer) >= READ_KEPT:
            refused(f"The answer to {call.title} in {self.run} was too long to be kept; try it with live look-ups.")
        call.answered(known.status or 200, known.answer, known.details.get("headers"))
        return known.answer

    def record_for(self, lookup: Operation) -> dict[str, Any]:
        """Return the record that a write of that run was on. :raises PermanentError: if none was kept"""
        if lookup.pk in self._records:
            record: dict[str, Any] = self._records[lookup.pk]
            return record
        raise PermanentError(f"Nothing was recorded for “{lookup}” in {self.run}; try it with live look-ups.")

    def _next(self, call: Call) -> ScriptCall:
        asked = cut(call.request)
        for each in self._left:
            if (each.kind, each.title, each.request) == (call.kind, call.title, asked):
                self._left.remove(each)
                return each
        return refused(f"{self.run} did not ask {call.title} with these arguments; try it with live look-ups.")

    def json(self, call: Call) -> Any:
        return json.loads(self.look_up(call))


def _record_of(call: ScriptCall) -> Any:
    """Return the record that a write was on, or that a look-up found; None if there was none, or it is not whole."""
    if call.write_id or call.note or len(call.answer) >= READ_KEPT:
        return call.details.get("record")
    return json.loads(call.answer)


def failure_of(error: FieldportError | Refused) -> dict[str, Any]:
    """Return of which kind an error is, as a call keeps it."""
    if isinstance(error, Refused | AddressRefused):
        return {"kind": REFUSED}
    if isinstance(error, TransientError):
        return {"kind": TRANSIENT, "retry_after": error.retry_after}
    return {"kind": PERMANENT}


def _failed(known: ScriptCall) -> FieldportError | Refused:
    """Return the error that a kept call ended with."""
    failure = known.details.get("failure", {"kind": PERMANENT})
    if failure["kind"] == REFUSED:
        return Refused(known.note)
    passing = failure["kind"] == TRANSIENT
    error: FieldportError = TransientError(known.note) if passing else PermanentError(known.note)
    if isinstance(error, TransientError):
        error.retry_after = failure.get("retry_after")
    error.status, error.content = known.status, known.answer.encode()
    error.headers = known.details.get("headers", {})
    return error
