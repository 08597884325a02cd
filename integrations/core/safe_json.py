"""JSON from outside, read under caps into what every database can store."""

import json
import math
import re
from itertools import accumulate
from typing import Any

from integrations.core.errors import PermanentError

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 64
REPLACEMENT = "\ufffd"

# Possessive, and content with an unterminated string: every byte is looked at once, whatever comes.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)', re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"
_OTHERS = bytes(set(range(256)) - set(_OPENING + _CLOSING))
_STEP = dict.fromkeys(_OPENING, 1) | dict.fromkeys(_CLOSING, -1)
# What PostgreSQL's jsonb and UTF-8 itself refuse.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


class UnreadableJSON(PermanentError):
    """The bytes are not JSON that we read; the message says why."""


def parse(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, as_it_is: bool = False) -> Any:
    """Return the value, storable: NUL and lone surrogates in its texts are replaced by U+FFFD, or left (`as_it_is`).

    :raises UnreadableJSON: if it is too big, too deep, not UTF-8, not JSON, or holds a number without a finite value
    """
    if len(data) > max_bytes:
        raise UnreadableJSON(f"The JSON has {len(data)} bytes; at most {max_bytes} are read.")
    if depth(data, enough=max_depth) > max_depth:
        raise UnreadableJSON(f"The JSON is nested more than {max_depth} levels deep.")
    try:
        value = _DECODER.decode(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableJSON(f"The text is not UTF-8 (byte {error.start}).") from None
    except ValueError as error:
        raise UnreadableJSON(f"This is not JSON: {_shortened(error)}") from None
    # Only an escape can bring them in: JSON allows neither as such, and UTF-8 no surrogates.
    return storable(value) if b"\\u" in data and not as_it_is else value


def depth(data: bytes, *, enough: int = 0) -> int:
    """Return how deep brackets are nested; or any lower bound of it, if there are no more than `enough` of them."""
    if data.count(b"[") + data.count(b"{") <= enough:
        return 0
    # Without escapes every second quote ends a text: splitting there is five times faster than the expression.
    outside = _STRINGS.sub(b"", data) if b"\\" in data else b"".join(data.split(b'"')[::2])
    return max(accumulate(map(_STEP.__getitem__, outside.translate(None, _OTHERS)), initial=0))


def storable(value: Any) -> Any:
    """Return the value with NUL and lone surrogates replaced in every text and key. It may be the same object."""
    if isinstance(value, str):
        return _NOT_STORABLE.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"the number {text[:20]} is out of range")
    return value


def _constant(text: str) -> float:
    raise ValueError(f"{text} is not a JSON number")


def _shortened(error: ValueError) -> str:
    """Say what and where; Python's words on a number of too many digits speak of its own settings."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (line {error.lineno}, column {error.colno})."
    text = str(error)
    return "a number has too many digits." if "digits" in text else f"{text}."


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_constant)
