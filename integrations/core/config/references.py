"""Secrets of a configuration file: it names where the value is, and never holds it.

`{env: NAME}` and `{file: /run/secrets/name}` say where the value comes from; `keep: true`, alone or beside one of them,
leaves a stored value as it is and asks for another only where there is none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from django.conf import settings

from integrations.core.config.documents import Place
from integrations.core.config.plain import ABSENT, Absent, Path, Plain, Words, nearest
from integrations.core.config.writing import Inline

# `{env: …}` or `{file: …}`, with or without `keep`, to the value. Raises ValueError, with a sentence.
Resolve: TypeAlias = Callable[[dict[str, Plain]], str]

NAMES = ("env", "file", "keep")
RIGHT = "write {env: NAME}, {file: /run/secrets/name}, or {keep: true} to leave the stored one"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
HIDDEN = Words("(secret)")


def from_settings(reference: dict[str, Plain]) -> str:
    """Read a secret from the variable or the file that a reference names. :raises ValueError: with a sentence"""
    kind = "env" if "env" in reference else "file"
    readers: dict[str, Callable[[str], str]] = settings.CONFIG_REFERENCES
    return readers[kind](reference[kind])


def read(value: Plain, place: Place) -> Plain:
    """Return the reference; what is not one is refused, without showing it. ABSENT if it was refused or null."""
    if value is None:
        return ABSENT
    if not isinstance(value, dict):
        place.refuse(f"a secret does not stand in the file: {RIGHT}.")
        return ABSENT
    for name in (each for each in value if each not in NAMES):
        (place / name).refuse(f"unknown in a reference “{name}”{nearest(name, NAMES)}")
        return ABSENT
    if fault := _fault(value):
        place.refuse(f"{fault}: {RIGHT}.")
        return ABSENT
    return {name: value[name] for name in NAMES if name in value}


def _fault(value: dict[str, Plain]) -> str:
    if not value or ("env" in value and "file" in value):
        return "a reference names one place"
    if value.get("keep", True) is not True:
        return "“keep” is true, or is not there"
    if not _VARIABLE.fullmatch(str(value.get("env", "A"))):
        return "“env” names a variable of the environment: letters, digits and _"
    if not str(value.get("file", "/")).startswith("/") or not isinstance(value.get("file", ""), str):
        return "“file” is a path that begins with /"
    return ""


def source(reference: dict[str, Plain]) -> str:
    """Say in words where the value comes from."""
    return f"the variable {reference['env']}" if "env" in reference else f"the file {reference.get('file')}"


def settled(reference: Plain, stored: str, *, place: Place, resolve: Resolve) -> str:
    """Return the secret that is to be stored: the stored one, or the one a reference names.

    A reference that leads nowhere is refused, and "" is returned.
    """
    if reference is ABSENT:
        return ""
    if "keep" in reference and stored:
        return stored
    if not {"env", "file"} & reference.keys():
        place.refuse("nothing is stored here that could be kept: write {env: NAME} or {file: /run/secrets/name}.")
        return ""
    try:
        return resolve(reference)
    except ValueError as error:
        place.refuse(f"{error}")
        return ""


def as_change(reference: Plain, old: str, new: str) -> tuple[Plain | Absent, Plain | Absent]:
    """Return what a changed secret is shown as, before and after."""
    before = HIDDEN if old else ABSENT
    return before, Words(f"(secret, from {source(reference)})") if new else ABSENT


@dataclass
class Names:
    """The references that an export writes: those of an earlier file where it has some, else names made of the path."""

    earlier: dict[Path, Plain] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def reference(self, path: Path) -> dict[str, Plain]:
        """Return what stands for the stored secret at a place; its section is not part of the name."""
        known = self.earlier.get(path)
        if isinstance(known, dict) and not _fault(known) and not known.keys() - set(NAMES):
            return Inline(known)
        return Inline(env=self._variable(path[1:]), keep=True)

    def _variable(self, words: Path) -> str:
        """Return FIELDPORT_ERP_TOKEN, of ids only the start; a number is added where another secret has the name."""
        short = [word[:8] if _ID.fullmatch(word) else word for word in words]
        name = base = re.sub(r"[^A-Z0-9]+", "_", "_".join(("FIELDPORT", *short)).upper()).strip("_")
        count = 1
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.taken.add(name)
        return name
