"""What the forms of scripts refuse, and why."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from integrations.core import cron
from integrations.core.platforms import context_kinds
from integrations.scripts import schemas
from integrations.sync.expressions import ExpressionError, compiled

if TYPE_CHECKING:
    from integrations.scripts.models import Script, ScriptGrant

Problems = dict[str, list[str]]
EVENT_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d{1,5})?", re.I)
SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
LONGEST_SECRET = 8192


def script_problems(script: "Script") -> Problems:
    """Return what is wrong, as sentences by field."""
    found: Problems = {}
    for name, problem in _problems(script):
        found.setdefault(name, []).append(problem)
    return found


def _problems(script: "Script") -> Iterator[tuple[str, str]]:
    for problem in _event_problems(script.event_types):
        yield "event_types", problem
    yield from _trigger_problems(script)
    for problem in _host_problems(script.allow_hosts):
        yield "allow_hosts", problem
    yield from _setting_problems(script)
    for problem in _secret_problems(script.secrets):
        yield "secrets", problem


def _trigger_problems(script: "Script") -> Iterator[tuple[str, str]]:
    if script.condition:
        try:
            compiled(script.condition)
        except ExpressionError as error:
            yield "condition", str(error)
    if script.cron and (problem := cron.problem_of(script.cron)):
        yield "cron", problem
    if script.time_zone not in available_timezones():
        yield "time_zone", _unknown("time zone", script.time_zone, sorted(available_timezones()))
    if script.batch_size > 1 and not script.batch_minutes:
        yield "batch_minutes", "A batch needs a longest wait, or its last events would wait for ever."


def event_names() -> list[str]:
    """Return the event types that the installed apps publish."""
    return sorted({name for kind in context_kinds() for name in kind.event_types})


def _event_problems(types: Any) -> Iterator[str]:
    if not isinstance(types, list) or not all(isinstance(each, str) for each in types):
        yield 'This is a list of event types, such as ["session.updated"].'
        return
    known = event_names()
    for each in types:
        if not EVENT_NAME.fullmatch(each):
            yield f"“{each}” is not an event type; they are written noun.past, such as session.updated."
        elif each not in known:
            yield _unknown("event type", each, known)


def _unknown(what: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"There is no {what} “{name}”{f'; is “{near[0]}” meant?' if near else '.'}"


def _host_problems(hosts: Any) -> Iterator[str]:
    if not isinstance(hosts, list):
        yield "This is a list of host names."
        return
    for each in hosts:
        if not isinstance(each, str) or not HOST_NAME.fullmatch(each):
            yield f"“{each}” is not a host name; write it as api.example.com or api.example.com:8443."


def _setting_problems(script: "Script") -> Iterator[tuple[str, str]]:
    if problem := schemas.schema_problem(script.settings_schema):
        yield "settings_schema", problem
        return
    if not isinstance(script.settings, dict):
        yield "settings", "The settings are an object."
        return
    values = schemas.with_defaults(script.settings_schema, script.settings)
    for problem in schemas.setting_problems(script.settings_schema, values):
        yield "settings", problem


def _secret_problems(secrets: Any) -> Iterator[str]:
    if not isinstance(secrets, dict):
        yield "The secrets are names with texts."
        return
    for name, value in secrets.items():
        if not SECRET_NAME.fullmatch(str(name)):
            yield f"“{name}” cannot name a secret; use letters, digits and underscores."
        elif not isinstance(value, str) or not 0 < len(value) <= LONGEST_SECRET:
            yield f"The secret {name} is a text of 1 to {LONGEST_SECRET} characters."


def grant_problems(grant: "ScriptGrant") -> Problems:
    """Return what is wrong with a grant, as sentences by field."""
    if grant.connection_id and grant.connection.workspace_id != grant.script.workspace_id:
        return {"connection": [f"{grant.connection} belongs to another workspace than the script."]}
    return {}
