"""Hosts of scripts in tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.scripts.sandbox import JSON, Finished, Host, Limits, Program, Sandbox

QUICK = Limits(cpu_seconds=1.0, wall_seconds=5.0)


@dataclass
class Scripted:
    """Answers every call with the same value, or by a function of name and arguments; remembers all."""

    answer: JSON | Callable[[str, Mapping[str, JSON]], JSON] = None
    calls: list[tuple[str, Mapping[str, JSON]]] = field(default_factory=list)
    lines: list[tuple[str, str, JSON]] = field(default_factory=list)

    def call(self, name: str, arguments: Mapping[str, JSON]) -> JSON:
        self.calls.append((name, arguments))
        return self.answer(name, arguments) if callable(self.answer) else self.answer

    def log(self, level: str, message: str, data: JSON) -> None:
        self.lines.append((level, message, data))


def run(
    sandbox: Sandbox,
    source: str,
    *,
    host: Host | None = None,
    limits: Limits = QUICK,
    match: bool = False,
    **given: Any,
) -> Finished:
    """Run a JavaScript with an input of which only what matters is given."""
    given = {"connections": [], "secrets": {}} | given
    return sandbox.run(Program("javascript", source), input=given, host=host or Scripted(), limits=limits, match=match)
