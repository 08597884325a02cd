"""What of scripts an admin configures: when they run, what they may use, and the published text.

A text that is applied was tried elsewhere: it is read for mistakes here, kept as a version, and published.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from integrations.connections.config import DEFAULT_WORKSPACE
from integrations.core import clock
from integrations.core.config import Section, register
from integrations.core.config.beside import Beside, safe_name
from integrations.core.config.children import Children
from integrations.core.config.parts import Link, columns
from integrations.core.config.plain import Change
from integrations.core.config.secret_parts import SecretsByName
from integrations.core.config.sections import REASON
from integrations.scripts import deleting, services, trial
from integrations.scripts.models import (
    Script,
    ScriptGrant,
    ScriptLane,
    ScriptRun,
    ScriptTimer,
    ScriptValue,
    ScriptVersion,
)


def _source(row: Script) -> str:
    if (given := getattr(row, "given_source", None)) is not None:
        return str(given)
    return row.active_version.source if row.active_version else ""


def _keep_source(row: Any, text: str) -> None:
    row.given_source = text


class Scripts(Section):
    """`source` is the published version; applying another text publishes it as the next one."""

    name, model, key = "scripts", Script, ("slug",)
    belongings = (ScriptVersion, ScriptTimer, ScriptValue, ScriptLane, ScriptRun)
    parts = (
        *columns(Script, "name"),
        Link(Script, "workspace", default=DEFAULT_WORKSPACE),
        *columns(Script, "about", "enabled", "event_types", "condition", "cron", "time_zone"),
        *columns(Script, "batch_size", "batch_minutes", "batch_by", "pace_seconds"),
        *columns(Script, "cpu_seconds", "wall_seconds", "memory_mib", "calls", "allow_hosts"),
        *columns(Script, "settings_schema", "settings"),
        SecretsByName("secrets"),
        Children(
            "connections",
            ScriptGrant,
            parent="script",
            key="name",
            parts=(
                *columns(ScriptGrant, "name"),
                Link(ScriptGrant, "connection"),
                *columns(ScriptGrant, "is_target"),
            ),
        ),
        Beside(
            "source",
            covers=(),
            called=lambda row: f"scripts/{safe_name(row.slug)}.js",
            get=_source,
            set=_keep_source,
            required=False,
        ),
    )

    def rows(self) -> Any:
        return super().rows().select_related("active_version")

    def check(self, row: Script, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        given = getattr(row, "given_source", "")
        for problem in trial.problems_of(given) if given else ():
            yield "source", f"line {problem['line']}, column {problem['column']}: {problem['message']}"

    def refusal(self, row: Any) -> str:
        return " ".join(deleting.problems(row, now=clock.now()))

    def remove(self, row: Any) -> None:
        deleting.delete_script(row, by=REASON, now=clock.now())

    def save(self, row: Any, fields: Sequence[str]) -> None:
        super().save(row, [name for name in fields if name != "source"])
        now = clock.now()
        if given := getattr(row, "given_source", ""):
            services.publish_text(row, given, by=REASON, now=now)
        services.set_timer(row, now=now)


def register_sections() -> None:
    register(Scripts())
