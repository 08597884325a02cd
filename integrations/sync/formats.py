"""Values as a system of record wants them: texts, numbers, yes or no, times, lists. Pure."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from integrations.connections import times

_TRUE, _FALSE = frozenset({"true", "yes", "y", "1", "on"}), frozenset({"false", "no", "n", "0", "off"})


class FormatError(ValueError):
    """A value that cannot be brought into the wanted form; the message quotes a start of it."""


@dataclass(frozen=True)
class Wanted:
    """The wanted form. `format` depends on the type; `zone` is for times without an offset and for the result."""

    format: str = ""
    zone: str = "UTC"


def convert(value: Any, type_: str, wanted: Wanted) -> Any:
    """Return `value` (not empty) as `type_`. :raises FormatError:"""
    try:
        return _CONVERTERS[type_](value, wanted)
    except (ValueError, TypeError, OverflowError, ArithmeticError, KeyError) as error:
        said = f": {error}" if isinstance(error, FormatError) else ""
        raise FormatError(f"{_quoted(value)} is not {_NAMES[type_]}{said}") from error


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"“{text[:60]}{'…' if len(text) > 60 else ''}”"


def _text(value: Any, wanted: Wanted) -> str:
    if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
        text = ", ".join(_text(each, Wanted()) for each in value if each is not None)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[: int(wanted.format)] if wanted.format else text


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FormatError("only a number or a text of digits can be one")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise FormatError("it is not written as a number") from None
    if not number.is_finite() or abs(number.adjusted()) > 300:
        raise FormatError("it is out of range")
    return number


def _integer(value: Any, wanted: Wanted) -> int:
    number = _decimal(value)
    if wanted.format == "round":
        return int(number.to_integral_value(ROUND_HALF_UP))
    if number != number.to_integral_value():
        raise FormatError("it has decimals (the format “round” rounds it)")
    return int(number)


def _number(value: Any, wanted: Wanted) -> int | float:
    number = _decimal(value)
    if wanted.format:
        number = round(number, int(wanted.format))
    return int(number) if number == number.to_integral_value() and abs(number) < 1e15 else float(number)


def _boolean(value: Any, wanted: Wanted) -> Any:
    said = str(value).strip().lower()
    if said not in _TRUE | _FALSE:
        raise FormatError("it is neither yes nor no")
    yes, slash, no = wanted.format.partition("/")
    if not slash:
        return said in _TRUE
    return yes if said in _TRUE else no


def _time(value: Any, wanted: Wanted) -> Any:
    moment = times.parse(value, zone=wanted.zone)
    return times.format_time(moment, date_format=wanted.format or "iso", zone=wanted.zone)


def _date(value: Any, wanted: Wanted) -> Any:
    return _time(value, Wanted(wanted.format if "%" in wanted.format else "date", wanted.zone))


def _list(value: Any, wanted: Wanted) -> Any:
    values = value if isinstance(value, list) else [value]
    return wanted.format.join(_text(each, Wanted()) for each in values) if wanted.format else values


_CONVERTERS: dict[str, Callable[[Any, Wanted], Any]] = {
    "AS_IS": lambda value, wanted: value,
    "TEXT": _text,
    "INTEGER": _integer,
    "NUMBER": _number,
    "BOOLEAN": _boolean,
    "TIME": _time,
    "DATE": _date,
    "LIST": _list,
}
_NAMES = {
    "AS_IS": "a value",
    "TEXT": "a text",
    "INTEGER": "a whole number",
    "NUMBER": "a number",
    "BOOLEAN": "yes or no",
    "TIME": "a time",
    "DATE": "a date",
    "LIST": "a list",
}


def problem_of(type_: str, format_: str) -> str:
    """Say what is wrong with a format for a type; empty if nothing is."""
    if not format_ or type_ in ("AS_IS", "LIST"):
        return "" if not format_ or type_ == "LIST" else "“as it is” has no format"
    if type_ in ("TEXT", "NUMBER"):
        return (
            "" if format_.isdigit() and len(format_) < 6 else f"“{format_}” is not a number of characters or decimals"
        )
    if type_ == "INTEGER":
        return "" if format_ == "round" else f"“{format_}” is not known; “round” is"
    if type_ == "BOOLEAN":
        return "" if all(format_.partition("/")) else f"“{format_}” is not two words with a slash, as in “yes/no”"
    return times.format_problem(format_)
