"""Trying a version on a stored event before it is published: nothing is written, all is shown."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from integrations.core import clock
from integrations.core.errors import FieldportError
from integrations.core.safe_json import storable
from integrations.events.models import Event
from integrations.scripts import guard, inputs
from integrations.scripts.hosting.host import RunHost
from integrations.scripts.hosting.journal import Kept
from integrations.scripts.hosting.recorded import Recorded
from integrations.scripts.hosting.writing import DryWriter
from integrations.scripts.memory import Memory
from integrations.scripts.models import Script, ScriptLane, ScriptRun, ScriptVersion, Trigger
from integrations.scripts.outcomes import outcome_of
from integrations.scripts.sandbox import Ending, Finished, Limits, Program
from integrations.sync.expressions import ExpressionError, holds
from integrations.workorders.selectors import iso

GOOD = (Ending.RETURNED, Ending.SKIPPED)
MIB = 1024 * 1024
PER_SHAPE, SHOWN_EVENTS = 5, 2000


@dataclass(frozen=True)
class Trial:
    """What a dry run showed. `good`: the version may be published."""

    ending: str
    note: str
    result: Any = None
    error: dict[str, Any] | None = None
    logs: list[dict[str, Any]] = field(default_factory=list)
    writes: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.ending in GOOD


def program_of(version: ScriptVersion) -> Program:
    return Program("javascript", version.source)


def limits_of(script: Script) -> Limits:
    return Limits(
        cpu_seconds=script.cpu_seconds,
        wall_seconds=script.wall_seconds,
        memory_bytes=script.memory_mib * MIB,
        calls=script.calls,
    )


def problems_of(source: str) -> list[dict[str, Any]]:
    """Return what cannot be read in a script: line, column, message.

    :raises SandboxUnavailable: if no jailed process is to be had
    """
    return [asdict(each) for each in guard.sandbox().check(Program("javascript", source))]


def dry_run(script: Script, source: str, *, event: Event | None = None, recorded: bool = False) -> Trial:
    """Run a text on a stored event, or on none as the schedule does; look-ups are made, writes are only shown.

    `recorded`: look-ups are answered as the newest run of the script on this event got them.
    """
    if problems := problems_of(source):
        return Trial("THREW", "The script cannot be read; see the marked lines.", problems=problems)
    run = _run_of(script, event)
    try:
        given = storable(inputs.input_of(run))
        wanted = not script.condition or holds(script.condition, given["facts"])
    except (FieldportError, ExpressionError) as error:
        return Trial("FAILED", str(error))
    if not wanted:
        return Trial("SKIPPED", f"The script's condition is not met by this event: {script.condition}")
    earlier = _earlier(script, event) if recorded else None
    if recorded and earlier is None:
        return Trial("FAILED", "This script has not run on this event yet; try it with live look-ups.")
    return _tried(run, source, given, recorded=Recorded(earlier) if earlier else None)


def _earlier(script: Script, event: Event | None) -> ScriptRun | None:
    """Return the newest run of the script on this event that got as far as a try."""
    runs = ScriptRun.objects.filter(script=script, attempts__gt=0).order_by("-pk")
    if event is None:
        return runs.filter(trigger=Trigger.SCHEDULE).first()
    return runs.filter(Q(event_id=event.pk) | Q(batch__event_id=event.pk)).first()


def _tried(run: ScriptRun, source: str, given: dict[str, Any], *, recorded: Recorded | None) -> Trial:
    now, writer, journal = clock.now(), DryWriter(), Kept()
    host = RunHost(run, given, writer, Memory(run.script, now), journal, recorded=recorded)
    whole = {**given, **inputs.per_try(run, now=now, dry_run=True)}
    whole |= {"secrets": host.secrets.placeholders, "connections": sorted(host.grants)}
    finished = guard.sandbox().run(
        Program("javascript", source), input=whole, host=host, limits=limits_of(run.script), match=True
    )
    return Trial(
        ending=str(finished.ending),
        note=_note(finished, now=now),
        result=host.secrets.mask(finished.value),
        error=host.secrets.mask(asdict(finished.error)) if finished.error else None,
        logs=journal.logs,
        writes=writer.writes,
        calls=[host.secrets.mask(asdict(call) | {"at": iso(call.at)}) for call in journal.calls],
        seconds=finished.wall_seconds,
    )


def _note(finished: Finished, *, now: datetime) -> str:
    """Say what would become of the run; the first try of it."""
    return outcome_of(finished, tries=1, since=now, now=now).note


def _run_of(script: Script, event: Event | None) -> ScriptRun:
    """Return a run that is nowhere stored."""
    values: dict[str, Any] = {"lane": ScriptLane(script=script, key="dry"), "script": script, "attempts": 1, "pk": 0}
    if event is None:
        return ScriptRun(trigger=Trigger.SCHEDULE, occurred_at=timezone.now(), **values)
    return ScriptRun(
        event_id=event.pk,
        event_type=event.type,
        source_type=event.source_type,
        source_id=event.source_id,
        subject=event.subject,
        reason=event.reason,
        occurred_at=event.occurred_at,
        **values,
    )


def recent_events(script: Script) -> list[Event]:
    """Return events to try a script on: of each type that it runs on and each shape of facts, the newest few."""
    rows = Event.objects.numbered().filter(workspace=script.workspace_id).defer("payload")
    if script.event_types:
        rows = rows.filter(type__in=script.event_types)
    return list(_some_of_each(rows.order_by("-pk")[:SHOWN_EVENTS]))


def _some_of_each(events: Iterable[Event]) -> Iterable[Event]:
    seen: dict[tuple[str, str, bool], int] = {}
    for event in events:
        shape = (event.type, event.source_type, bool(event.subject))
        seen[shape] = seen.get(shape, 0) + 1
        if seen[shape] <= PER_SHAPE:
            yield event
