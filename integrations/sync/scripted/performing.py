"""A configured operation at a script's request, through the lane of its record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.sync.models import Operation
from integrations.sync.preview import Preview
from integrations.sync.scripted.asked import Effect, Performed


def perform(effect: Effect, *, operation: Operation, given: Mapping[str, Any], now: datetime) -> Performed:
    """Carry out an operation once, or return what the ledger knows of it.

    `given` is `input` in the operation's templates; its `fields` are merged over the mapped ones, `photo` is the number
    of the photo to attach.

    :raises Waiting: :raises Undecided: :raises NotDeterministic:
    :raises PermanentError: if it failed for good; the message says why
    """
    raise NotImplementedError


def find(effect: Effect, *, lookup: Operation, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Look a record up, now; None if there is none.

    :raises TransientError: :raises PermanentError: also if there are several, and no operator chose one
    """
    raise NotImplementedError


def preview(effect: Effect, *, operation: Operation, given: Mapping[str, Any]) -> Preview:
    """Return what would be sent; the record is looked up, nothing is written or kept."""
    raise NotImplementedError
