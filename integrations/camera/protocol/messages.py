"""Conformity messages as callbacks carry them: `severity::code::message`, separated by commas (2.6).

No escaping is documented. What we write can be split naively; what we read may hold commas.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from integrations.core.errors import PermanentError

DEFAULT_PARAMETER = "conformity_messages"

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NEXT_ITEM = re.compile(r",(?=(?:error|warning)::)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_COLONS = re.compile(r"::+")


class Severity(StrEnum):
    """`ERROR`: the photo must be retaken. `WARNING`: the user may go on (section 1)."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Message:
    """One message raised on a photo. The severity is a text: unknown ones that were read are kept (2.6)."""

    severity: str
    code: str
    text: str


class TemplateRefused(PermanentError):
    """This text or code would break the list that it travels in."""


def may_continue(messages: Iterable[Message]) -> bool:
    """Say whether the user may go on with this photo: warnings allow it, nothing else does (section 6, case 38)."""
    return all(message.severity == Severity.WARNING for message in messages)


def check_template(text: str) -> str:
    """Return a text that may be configured.

    :raises TemplateRefused: if it is empty, or holds a comma, `::`, a colon at its start, or a control character
    """
    if not text.strip():
        raise TemplateRefused("A message has a text.")
    if "," in text or "::" in text or text.startswith(":"):
        raise TemplateRefused(
            "A message holds no comma and no '::' and does not begin with ':': field apps split there."
        )
    if _UNPRINTABLE.search(text):
        raise TemplateRefused("A message holds no line end and no control character.")
    return text


def check_code(code: str) -> str:
    """Return a code that may be configured.

    :raises TemplateRefused: unless it is made of letters, digits, `_`, `-` and `.`
    """
    if not _CODE.fullmatch(code):
        raise TemplateRefused("A code has 1 to 64 letters, digits, _, - or . (2.6).")
    return code


def write(messages: Iterable[Message]) -> str:
    """Return the list, each element with exactly two `::` and no comma of its own.

    Texts that come filled in or from elsewhere cannot be refused any more: a comma becomes `;`, and `::` becomes `:`.
    """
    return ",".join(map(_item, messages))


def parse(text: str) -> tuple[Message, ...]:
    """Read a list, whoever wrote it: split only before a known severity, then at the first two `::` (2.6)."""
    return tuple(_read(item) for item in _NEXT_ITEM.split(text) if item)


def in_callback(parameters: Mapping[str, str], *, name: str = DEFAULT_PARAMETER) -> tuple[Message, ...]:
    """Read the messages of a callback that another server built: the three readings of 2.6, by name and by `status`."""
    for each in (name, DEFAULT_PARAMETER, "conformity_error"):
        if parameters.get(each):
            return parse(parameters[each])
    status = parameters.get("status", "")
    return parse(status) if "::" in status else ()


def _item(message: Message) -> str:
    severity = message.severity if re.fullmatch(r"[A-Za-z]+", message.severity) else Severity.ERROR
    code = re.sub(r"[^A-Za-z0-9_.-]", "_", message.code)[:64] or "UNKNOWN"
    text = _COLONS.sub(":", message.text.replace(",", ";")).lstrip(":")
    return f"{severity}::{code}::{_UNPRINTABLE.sub(' ', text)}"


def _read(item: str) -> Message:
    parts = item.split("::", 2)
    if len(parts) == 3:
        return Message(_severity(parts[0]), parts[1], parts[2])
    known = _severity(parts[0]) in list(Severity)
    return Message(_severity(parts[0]), "", parts[1]) if len(parts) == 2 and known else Message("", "", item)


def _severity(text: str) -> str:
    return text.lower() if text.lower() in list(Severity) else text
