"""What a snippet is: code for one system, where it is pasted, and what to know of it. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integrations.platforms.worklink.links.snippets.assembly import Assembly

Names = Mapping[str, str]
"""What a system calls the fields of an assembly: `{"key": "WorkOrderNumber"}`."""


@dataclass(frozen=True)
class Snippet:
    """`text` is "" where the system cannot hold one; `refused` then says why, and what to do instead."""

    slug: str
    title: str
    text: str
    where: str
    notes: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class System:
    """One kind of system of record. `names` are its usual ones, `allowed` what a name there may look like."""

    slug: str
    label: str
    names: Names
    allowed: re.Pattern[str]
    example: str
    write: Callable[[Assembly, Names], list[Snippet]]

    def named(self, assembly: Assembly, given: Names) -> dict[str, str]:
        """Return a name for each field: the given one where it is allowed, else the usual one."""
        return {field: self._name(field, given.get(field, "").strip()) for field in assembly.fields}

    def refused(self, given: Names) -> list[str]:
        """Return the given names that this system's code cannot hold."""
        return [name for name in map(str.strip, given.values()) if name and not self.allowed.fullmatch(name)]

    def _name(self, field: str, given: str) -> str:
        if given and self.allowed.fullmatch(given):
            return given
        return self.names.get(field) or self.names["other"].replace("*", re.sub(r"\W", "_", field))
