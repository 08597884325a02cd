"""What the editor offers: events to try a text on, and the names that the facts of each kind of source have."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from integrations.core import platforms, subjects
from integrations.events.models import Event
from integrations.scripts import trial
from integrations.scripts.models import Script


@dataclass(frozen=True)
class Choice:
    """An event to try on; `context` names the JSON element with its facts."""

    pk: int
    label: str
    context: str
    chosen: bool = False


@dataclass(frozen=True)
class Kind:
    """What is offered for one kind of source: `names` as the editor takes them, `fields` for people."""

    context: str
    label: str
    names: dict[str, Any]
    fields: Iterable[platforms.ContextField] = field(default_factory=tuple)
    open_paths: Iterable[str] = field(default_factory=tuple)


def events(script: Script, *, chosen: str) -> dict[str, list[Choice]]:
    """Return recent events by their type; the chosen one too if it is older."""
    rows = trial.recent_events(script)
    if chosen.isdecimal() and int(chosen) not in {row.pk for row in rows}:
        rows += Event.objects.filter(pk=int(chosen), workspace=script.workspace_id)
    names = subjects.names({row.subject for row in rows if row.subject})
    found: dict[str, list[Choice]] = {}
    for row in rows:
        label = _label(row, names.get(row.subject, ""))
        found.setdefault(row.type, []).append(Choice(row.pk, label, _id(row.source_type), str(row.pk) == chosen))
    return dict(sorted(found.items()))


def _label(event: Event, name: str) -> str:
    what = name or _("no work order")
    return f"#{event.seq} {event.type}, {what}, {localtime(event.occurred_at):%d %b %H:%M}"


def kinds(script: Script) -> list[Kind]:
    """Return each kind of source that scripts of these triggers may meet; the first is for runs without a source."""
    own = _names_of(script)
    found = [Kind(_id(""), _("no source"), own)]
    for kind in platforms.context_kinds():
        if script.event_types and not set(script.event_types) & set(kind.event_types):
            continue
        fields = [{"path": each.path, "type": each.type, "label": each.label} for each in kind.fields]
        names = {**own, "fields": fields, "open_paths": list(kind.open_paths)}
        found.append(Kind(_id(kind.source_type), str(kind.label), names, kind.fields, kind.open_paths))
    return found


def _names_of(script: Script) -> dict[str, Any]:
    granted = sorted(script.grants.values_list("name", flat=True))
    properties = (script.settings_schema or {}).get("properties") or {}
    described = {name: each if isinstance(each, dict) else {} for name, each in properties.items()}
    config = [
        {
            "path": name,
            "type": str(each.get("type", "")),
            "label": str(each.get("title") or each.get("description") or ""),
        }
        for name, each in described.items()
    ]
    config += [{"path": name, "type": "", "label": ""} for name in script.settings or {} if name not in described]
    arguments = {"connection": granted, "record": granted}
    return {"config": config, "secrets": sorted(script.secrets or {}), "arguments": arguments}


def _id(source_type: str) -> str:
    return f"context-{source_type.replace('.', '-') or 'none'}"
