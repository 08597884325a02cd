"""What a script gives an operation: `input` in its templates, `fields` over the mapped ones, a `photo` to attach."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from integrations.core.platforms import context_kind
from integrations.sync.models import Operation, OperationKind, RecordWrite

PHOTO = "photo"


class NotKept(Exception):
    """What was given is not kept any more, or names what is gone; the message says so."""


def given_of(write: RecordWrite) -> dict[str, Any] | None:
    """Return what a script gave; None if no script asked for this write. :raises NotKept:"""
    if write.ordinal is None:
        return None
    if write.given is None:
        raise NotKept("What the script gave is not kept any more; replay its run to write this.")
    given: dict[str, Any] = write.given
    return given


def with_given(context: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the context of an operation that a script asked for. :raises NotKept: if its photo is gone"""
    made = {**context, "input": dict(given)}
    if pk := photo_of(given):
        try:
            made[PHOTO] = context_kind(PHOTO).load(pk)[PHOTO]
        except (ObjectDoesNotExist, LookupError, ValueError) as error:
            raise NotKept(f"Photo {pk} is not there any more.") from error
    return made


def fields_over(operation: Operation, mapped: dict[str, Any], given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the mapped fields with the given ones over them; names are dotted."""
    fields = (given or {}).get("fields")
    if operation.kind not in (OperationKind.UPDATE, OperationKind.CREATE) or not isinstance(fields, dict):
        return mapped
    return {**mapped, **fields}


def photo_of(given: Mapping[str, Any] | None) -> str:
    """Return the number of the photo that is to be attached; empty if none was named."""
    pk = (given or {}).get("photo")
    return "" if pk is None else str(pk)
