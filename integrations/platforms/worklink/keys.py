"""Which work order a session or call names, and in which system of record (E5, E7, E23). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.platforms.worklink.options import Options

ROUTE = "sor"
LONGEST = 200


@dataclass(frozen=True)
class LinkKey:
    """A key as read. `reason` says why it cannot be used; `note` what the normaliser did to it."""

    name: str = ""
    value: str = ""
    system: str = ""
    reason: str = ""
    note: str = ""


def link_key_of(external_data: Mapping[str, Any], wanted: Sequence[str], *, options: Options) -> LinkKey:
    """Find the link key. `wanted`: names, or name=system where a name belongs to a system of its own.

    The `sor` parameter of the link decides the system, else the name of the key, else the connection's setting; keys of
    two different systems without `sor` are ambiguous.
    """
    routed = _text(external_data.get(ROUTE))
    names = [_split(entry) for entry in wanted]
    if routed:  # a key of that system's own comes before one that fits any
        names.sort(key=lambda each: (each[1] != routed, bool(each[1])))
    present = [(name, routed or own or options.system) for name, own in names if _is_there(external_data.get(name))]
    if not present:
        return LinkKey(reason=_no_key(wanted))
    name, system = present[0]
    if len({each for _, each in present}) > 1:
        both = ", ".join(each for each, _ in present)
        return LinkKey(name, reason=f"It has keys of several systems of record ({both}) and no “{ROUTE}” to choose.")
    value = external_data[name]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _checked(name, value, system, options=options)


def carried_key(wanted: Sequence[str], *, system: str, options: Options) -> tuple[str, bool]:
    """Return the name that links to orders of `system` carry the key under, and whether they need `sor` beside it."""
    names = [_split(entry) for entry in wanted]
    own = next((name for name, belongs in names if belongs == system), "")
    if own:
        return own, False
    free = next((name for name, belongs in names if not belongs), "")
    return free, bool(free) and options.system != system


def _split(entry: str) -> tuple[str, str]:
    name, _, system = entry.partition("=")
    return name.strip(), system.strip()


def _no_key(wanted: Sequence[str]) -> str:
    names = " or ".join(f"“{_split(entry)[0]}”" for entry in wanted)
    return f"It was not started from a link with {names or 'a link key'}. Assign a work order, or dismiss it."


def _checked(name: str, value: Any, system: str, *, options: Options) -> LinkKey:
    read = _text(value)
    if not read.strip():
        return LinkKey(name, reason=f"“{name}” holds several values or none, not one key. Assign a work order.")
    key = normalised(read, options=options)
    if len(key) > LONGEST:
        return LinkKey(name, read[:LONGEST], reason=f"“{name}” is longer than {LONGEST} characters.")
    note = f"The key “{read}” was read as “{key}”, as the connection's settings say." if key != read else ""
    if not system:
        reason = "The connection does not say which system of record its keys belong to: set “System of record”."
        return LinkKey(name, key, reason=reason, note=note)
    return LinkKey(name, key, system, note=note)


def normalised(key: str, *, options: Options) -> str:
    """Apply what the connection is set to; by default keys are compared exactly (E7)."""
    if options.key_trim:
        key = key.strip()
    if options.key_upper:
        key = key.upper()
    return key.zfill(options.key_zero_pad) if key.isdecimal() else key


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def _is_there(value: Any) -> bool:
    return value not in (None, "", [])
