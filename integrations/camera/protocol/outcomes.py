"""Values of tasks by their type: Boolean, Text, Number (4.8)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from integrations.core.errors import PermanentError
from integrations.core.safe_json import storable

Value = bool | int | float | str

MOST_CHARACTERS = 4000
GREATEST_NUMBER = 1e30

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")


class OutcomeType(StrEnum):
    """`outcome_type` of a task (4.5)."""

    BOOLEAN = "Boolean"
    TEXT = "Text"
    NUMBER = "Number"


class WrongValue(PermanentError):
    """This value does not fit the task's type."""


@dataclass(frozen=True)
class Outcome:
    """What was said of one task. None: no value was given."""

    analyzed: Value | None = None
    corrected: Value | None = None

    @property
    def value(self) -> Value | None:
        """The effective value: a correction is final (2.6, 4.8)."""
        return self.analyzed if self.corrected is None else self.corrected


def coerced(value: object, *, of: OutcomeType) -> Value:
    """Return the value in its type; "true", "false" and numeric strings are understood too (4.8).

    :raises WrongValue: saying what the type takes; also for None
    """
    if of is OutcomeType.BOOLEAN:
        return _boolean(value)
    if of is OutcomeType.NUMBER:
        return _number(value)
    if not isinstance(value, str):
        raise WrongValue("The value of a Text task is a text.")
    if len(value) > MOST_CHARACTERS:
        raise WrongValue(f"The value of a Text task has at most {MOST_CHARACTERS} characters, not {len(value)}.")
    return str(storable(value))


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (word := value.strip().lower()) in ("true", "false"):
        return word == "true"
    raise WrongValue("The value of a Boolean task is true or false.")


def _number(value: object) -> int | float:
    number = _read_number(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise WrongValue("The value of a Number task is a number, such as 12 or 0.5.")
    if not -GREATEST_NUMBER <= number <= GREATEST_NUMBER:
        raise WrongValue("The value of a Number task is between -1e30 and 1e30.")
    return number


def _read_number(text: str) -> int | float | None:
    plain = text.strip()
    if not _NUMBER.fullmatch(plain):
        return None
    return int(plain) if plain.lstrip("-").isdigit() else float(plain)
