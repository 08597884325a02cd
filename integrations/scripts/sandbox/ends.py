"""The last frame of a run, read as what it is: a text from a process that may be anybody's."""

import re
from typing import Any

from integrations.core import safe_json
from integrations.scripts.sandbox.contract import Ending, ErrorFacts, Finished, Limits

DEEPEST = 64
PLACE = re.compile(r"<input>:(\d+):(\d+)")
_SAID_BY_SCRIPTS = {Ending.RETURNED, Ending.SKIPPED, Ending.RETRY, Ending.FAILED, Ending.THREW, Ending.LIMIT}
_LIMITS = {"memory", "result"}
_ENVELOPE = len('{"ending":"RETURNED","value":}')


class UnreadableEnd(Exception):
    """It is not what our own program in the jail would send."""


def end_of(payload: bytes, *, limits: Limits, first_own_line: int) -> Finished:
    """Return how the script ended. :raises UnreadableEnd: if the payload has not the shape of an end"""
    if safe_json.depth(payload, enough=DEEPEST) > DEEPEST:
        return Finished(Ending.LIMIT, limit="result", note=f"The result is nested more than {DEEPEST} levels deep.")
    said = _object(payload, most=len(payload))
    ending = _ending(said)
    if ending is Ending.RETURNED and len(payload) - _ENVELOPE > limits.result_bytes:
        return Finished(Ending.LIMIT, limit="result")
    if ending is Ending.LIMIT:
        if said.get("limit") not in _LIMITS:
            raise UnreadableEnd("It names a limit that the jail does not watch.")
        return Finished(ending, limit=str(said["limit"]))
    if ending is Ending.THREW:
        error = _error(said.get("error"), first_own_line=first_own_line)
        return Finished(ending, note=error.message, error=error, retry_after=error.retry_after)
    value = said.get("value") if ending is Ending.RETURNED else None
    return Finished(ending, value=value, note=_text(said.get("note")), retry_after=_seconds(said.get("retryAfter")))


def _object(payload: bytes, *, most: int) -> dict[str, Any]:
    try:
        said = safe_json.parse(payload, max_bytes=most, max_depth=DEEPEST)
    except safe_json.UnreadableJSON as error:
        raise UnreadableEnd(str(error)) from None
    if not isinstance(said, dict):
        raise UnreadableEnd("It is not an object.")
    return said


def _ending(said: dict[str, Any]) -> Ending:
    try:
        ending = Ending(str(said.get("ending")))
    except ValueError:
        raise UnreadableEnd("It has no ending.") from None
    if ending not in _SAID_BY_SCRIPTS:
        raise UnreadableEnd(f"A script does not say {ending}.")
    return ending


def _error(said: object, *, first_own_line: int) -> ErrorFacts:
    if not isinstance(said, dict):
        raise UnreadableEnd("It has no error.")
    frames = [each.strip() for each in _text(said.get("stack")).splitlines()]
    frames = [each for each in frames if _line(each) < first_own_line]
    line, column = next((place for each in frames if (place := _place(each))), (None, None))
    return ErrorFacts(
        name=_text(said.get("name")),
        message=_text(said.get("message")),
        line=line,
        column=column,
        stack="\n".join(frames),
        permanent=said.get("permanent") is True,
        retry_after=_seconds(said.get("retryAfter")),
    )


def _place(frame: str) -> tuple[int, int] | None:
    found = PLACE.search(frame)
    return (int(found[1]), int(found[2])) if found else None


def _line(frame: str) -> int:
    """Return the line of a frame; for one of the engine itself, one that is not the script's."""
    found = _place(frame)
    return found[0] if found else 1 << 31


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None
