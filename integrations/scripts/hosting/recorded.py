"""Look-ups of a dry run answered as an earlier run got them: for trying a text again when the world has moved on."""

import json
from dataclasses import dataclass, field
from typing import Any

from integrations.core.errors import PermanentError
from integrations.scripts.hosting.asking import refused
from integrations.scripts.hosting.journal import READ_KEPT, Call, cut
from integrations.scripts.models import ScriptCall, ScriptRun


@dataclass
class Recorded:
    """What the last try of a run looked up. Equal questions get their answers in the order of that run."""

    run: ScriptRun
    _left: list[ScriptCall] = field(init=False)

    def __post_init__(self) -> None:
        self._left = list(self.run.outgoing.filter(attempt=self.run.attempts, write_id=None).order_by("ordinal"))

    def look_up(self, call: Call) -> str:
        """Answer a call with what is kept, and return its text.

        :raises Refused: if that run asked no such thing, or its answer was too long to be kept whole
        :raises PermanentError: as the call of that run did
        """
        known = self._next(call)
        if known.note:
            raise PermanentError(known.note, status=known.status)
        if len(known.answer) >= READ_KEPT:
            refused(f"The answer to {call.title} in {self.run} was too long to be kept; try it with live look-ups.")
        call.answered(known.status or 200, known.answer)
        return known.answer

    def _next(self, call: Call) -> ScriptCall:
        asked = cut(call.request)
        for each in self._left:
            if (each.kind, each.title, each.request) == (call.kind, call.title, asked):
                self._left.remove(each)
                return each
        return refused(f"{self.run} did not ask {call.title} with these arguments; try it with live look-ups.")

    def json(self, call: Call) -> Any:
        return json.loads(self.look_up(call))
