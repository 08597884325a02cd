"""The arguments of a call, as they came out of the sandbox: nothing about them is taken for granted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

LONGEST = 8192


class Refused(Exception):
    """The house does not do what a script asked for; the message says by which rule and what to do."""


def refused(message: str) -> NoReturn:
    """:raises Refused:"""
    raise Refused(message)


@dataclass(frozen=True)
class Asked:
    """One call: its name and its arguments."""

    name: str
    arguments: Mapping[str, Any]

    def given(self, name: str) -> Any:
        return self.arguments.get(name)

    def text(self, name: str, *, most: int = LONGEST) -> str:
        """Return a text; empty if there is none. :raises Refused: if it is none, or too long"""
        value = self.arguments.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > most:
            refused(f"{name} of ctx.{self.name} is a text of at most {most} characters.")
        return value

    def number(self, name: str) -> float | None:
        """Return a number; None if there is none. :raises Refused:"""
        value = self.arguments.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            refused(f"{name} of ctx.{self.name} is a number.")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an object; empty if there is none. :raises Refused:"""
        value = self.arguments.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            refused(f"{name} of ctx.{self.name} is an object.")
        return dict(value)

    def texts(self, name: str) -> dict[str, str]:
        """Return an object of texts, numbers made texts, null left out. :raises Refused:"""
        values = {str(key): value for key, value in self.mapping(name).items() if value is not None}
        for key, value in values.items():
            if not isinstance(value, str | int | float) or isinstance(value, bool):
                refused(f"{name}.{key} of ctx.{self.name} is a text.")
        return {key: str(value) for key, value in values.items()}
