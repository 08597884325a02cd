"""`wo_metadata`: base64 or base64url, padded or not, of a UTF-8 JSON object of scalars (2.3, 5.21)."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from integrations.camera.protocol.errors import InvalidMetadata
from integrations.core.errors import PermanentError
from integrations.core.safe_json import UnreadableJSON, parse, storable

Scalar = str | int | float | bool

# One alphabet; a space was a `+` before somebody's form decoding; Android's default encoder breaks lines.
_TO_STANDARD = str.maketrans({"-": "+", "_": "/", " ": "+", "\r": None, "\n": None})


class MetadataType(StrEnum):
    """The declared types (section 1)."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Declared:
    """One declared key of a site's metadata."""

    name: str
    type: MetadataType
    required: bool = False


class DeclarationRefused(PermanentError):
    """The site's declaration of its metadata cannot be read."""


def read_declarations(schema: object) -> tuple[Declared, ...]:
    """Read `{"region": {"type": "text", "required": true}}`.

    :raises DeclarationRefused: naming the key that cannot be read
    """
    if not isinstance(schema, Mapping):
        raise DeclarationRefused('The declared metadata is an object, such as {"region": {"type": "text"}}.')
    return tuple(_declared(str(name), given) for name, given in schema.items())


def read_metadata(encoded: str, *, declared: Sequence[Declared] = (), require: bool = False) -> dict[str, Scalar]:
    """Return the metadata; empty if nothing was sent.

    :param require: refuse a visit that lacks a required key: only if the site says so
    :raises InvalidMetadata: naming the key, where one is at fault
    """
    if not encoded:
        return check_metadata({}, declared=declared, require=require)
    try:
        values = parse(_decoded(encoded))
    except UnreadableJSON as error:
        raise InvalidMetadata(f"wo_metadata is base64, but not of JSON. {error}") from None
    return check_metadata(values, declared=declared, require=require)


def check_metadata(values: object, *, declared: Sequence[Declared] = (), require: bool = False) -> dict[str, Scalar]:
    """Return the values without those that are null (4.4); keys that nobody declared are kept.

    :raises InvalidMetadata: naming the key, where one is at fault
    """
    if not isinstance(values, Mapping):
        raise InvalidMetadata('The metadata is not an object, such as {"region": "North"}.')
    types = {each.name: each.type for each in declared}
    kept = {str(name): value for name, value in values.items() if value is not None}
    checked = {name: _checked(name, value, declared=types.get(name)) for name, value in kept.items()}
    missing = [each.name for each in declared if each.required and checked.get(each.name, "") == ""]
    if require and missing:
        raise InvalidMetadata(f"The metadata lacks what this site requires: {', '.join(missing)}.")
    return checked


def _decoded(encoded: str) -> bytes:
    standard = encoded.translate(_TO_STANDARD).rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidMetadata("wo_metadata is not base64.") from None


def _checked(name: str, value: object, *, declared: MetadataType | None) -> Scalar:
    if not isinstance(value, str | int | float | bool):
        raise InvalidMetadata(f"The metadata {name!r} is neither a text, nor a number, nor true or false.")
    if declared is not None and not _FITS[declared](value):
        raise InvalidMetadata(f"The metadata {name!r} is declared as {declared} and {value!r:.50} is none.")
    return str(storable(value)) if isinstance(value, str) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_FITS: Mapping[MetadataType, Callable[[object], bool]] = {
    MetadataType.TEXT: lambda value: isinstance(value, str),
    MetadataType.NUMBER: _is_number,
    MetadataType.BOOLEAN: lambda value: isinstance(value, bool),
}


def _declared(name: str, given: object) -> Declared:
    kind = given.get("type") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or kind not in list(MetadataType):
        raise DeclarationRefused(f"{name!r}: its type is one of {', '.join(MetadataType)}.")
    if not isinstance(required := given.get("required", False), bool):
        raise DeclarationRefused(f"{name!r}: required is true or false.")
    return Declared(name, MetadataType(str(kind)), required)
