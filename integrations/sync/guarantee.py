"""Which promise an operation can keep, and why: shown in its form and used by its writes. Pure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from integrations.sync.models import Operation


@dataclass(frozen=True)
class Guarantee:
    """`once`: the effect is there exactly once, whatever fails. `proven`: success is read back."""

    once: bool
    proven: bool
    sentence: str


def guarantee_of(operation: "Operation") -> Guarantee:
    """Return what can be promised for a write of this operation."""
    if operation.kind == "LOOKUP":
        return Guarantee(once=True, proven=True, sentence="Reads only; changes nothing.")
    keyed, provable = has_key(operation), can_prove(operation)
    ways = [_KEYED[operation.key_place]] if keyed else []
    if provable:
        ways.append(_proof(operation))
    if ways:
        tail = "" if provable else " Nothing is read back, so a success that the system only claims is not noticed."
        return Guarantee(once=True, proven=provable, sentence=f"Once: {' and '.join(ways)}.{tail}")
    return Guarantee(once=False, proven=False, sentence=_not_provable(operation))


def has_key(operation: "Operation") -> bool:
    """Say whether the target can tell a repetition from something new."""
    return operation.key_place != "NONE"


def reads_back(operation: "Operation") -> bool:
    return bool(operation.readback_document if operation.protocol == "GRAPHQL" else operation.readback_path)


def can_prove(operation: "Operation") -> bool:
    """Say whether reading back can find this very effect."""
    if not reads_back(operation):
        return False
    return operation.kind in ("UPDATE", "CREATE") or bool(operation.marker) or operation.key_place == "BODY"


_KEYED = {"HEADER": "the key goes out in a header", "BODY": "the key is part of what is written"}


def _proof(operation: "Operation") -> str:
    if operation.kind == "UPDATE":
        return "the record is read back and compared"
    if operation.marker:
        return "it is read back and found by its marker"
    return "it is read back and found by its key" if operation.key_place == "BODY" else "it is read back"


def _not_provable(operation: "Operation") -> str:
    why = "no key, no read-back and no marker"
    if reads_back(operation):
        why = "what is read back cannot be told from others without a marker or a key in the body"
    then = "it is sent again" if operation.when_unsure == "REPEAT" else "an operator is asked"
    return f"Once cannot be proven: {why}. When a connection breaks while it is sent, {then}."
