"""What can be asked of scripts: save a version, publish one, run by hand, replay, follow the schedule."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from integrations.core import clock, cron
from integrations.core.platforms import context_kind
from integrations.core.wake import wake
from integrations.events.models import Event
from integrations.scripts.models import (
    DRAIN_TASK,
    TIMER_TASK,
    RunEvent,
    RunState,
    Script,
    ScriptLane,
    ScriptRun,
    ScriptTimer,
    ScriptVersion,
    Trigger,
)
from integrations.scripts.sandbox import MOST_SOURCE
from integrations.scripts.starting import lanes_called, run_of

_ENDED = (RunState.DONE, RunState.SKIPPED, RunState.FAILED)


class NotTested(Exception):
    """A version is published only after a dry run of this very version has succeeded."""


class NothingChanged(Exception):
    """The text equals the newest version's."""


@transaction.atomic
def save_version(script: Script, source: str, *, author: str, note: str = "", now: datetime) -> ScriptVersion:
    """Keep a text as the next version. :raises NothingChanged: :raises ValueError: if it is too long"""
    if len(source.encode()) > MOST_SOURCE:
        raise ValueError(f"A script has at most {MOST_SOURCE} bytes; this one has {len(source.encode())}.")
    list(Script.objects.select_for_update().filter(pk=script.pk).values_list("pk"))
    newest = script.versions.order_by("-number").first()
    if newest is not None and newest.source == source:
        raise NothingChanged
    number = (newest.number if newest else 0) + 1
    version = ScriptVersion(script=script, number=number, source=source, author=author[:150], note=note[:300])
    version.created_at = now
    version.save()
    return version


def note_tested(version: ScriptVersion, *, now: datetime) -> None:
    """A dry run of this version has succeeded."""
    ScriptVersion.objects.filter(pk=version.pk).update(tested_at=now)
    version.tested_at = now


@transaction.atomic
def publish(version: ScriptVersion, *, by: str, now: datetime) -> None:
    """Let runs that begin from now on use this version; an earlier one: roll back. :raises NotTested:"""
    if not ScriptVersion.objects.filter(pk=version.pk, tested_at__isnull=False).exists():
        raise NotTested(f"{version} was not tried yet: a dry run of it must succeed before it is published.")
    script = Script.objects.select_for_update().get(pk=version.script_id)
    script.active_version = version
    script._change_reason = f"published {version} ({by})"  # type: ignore[attr-defined]  # what simple_history reads
    script.save(update_fields=["active_version", "changed_at"])
    set_timer(script, now=now)


@transaction.atomic
def publish_text(script: Script, source: str, *, by: str, now: datetime) -> ScriptVersion:
    """Publish a text that was tried elsewhere: as it is kept already, or as the next version."""
    try:
        version = save_version(script, source, author=by, now=now)
    except NothingChanged:
        version = script.versions.order_by("-number")[0]
    if version.tested_at is None:
        note_tested(version, now=now)
    publish(version, by=by, now=now)
    return version


def set_timer(script: Script, *, now: datetime) -> datetime | None:
    """Bring the timer in line with the script's cron expression; return when it runs next."""
    if not script.cron or not script.enabled:
        ScriptTimer.objects.filter(script=script).delete()
        return None
    next_at = cron.next_times(script.cron, zone=script.time_zone, after=now)[0]
    ScriptTimer.objects.update_or_create(script=script, defaults={"state": "DUE", "due_at": next_at})
    wake(TIMER_TASK, countdown=max(0.0, (next_at - now).total_seconds()))
    return next_at


def start_scheduled(script: Script, *, now: datetime) -> ScriptRun:
    """Insert the run of the schedule, in the caller's transaction."""
    return _start(script, "schedule", trigger=Trigger.SCHEDULE, occurred_at=now, now=now)


def run_on_event(script: Script, event: Event, *, by: str, now: datetime) -> ScriptRun:
    """Run the published version on an event, by hand: also if it ran on that event before."""
    key = event.subject or f"{event.source_type}/{event.source_id}"
    with transaction.atomic():
        lane = lanes_called([(script.pk, key)])[script.pk, key]
        values = {"trigger": Trigger.HAND, "event_id": None, "asked_by": by[:150], "reason": "operator"}
        run = run_of(event, script_id=script.pk, lane_id=lane, **values)
        run.save()
        RunEvent.objects.create(run=run, event_id=event.pk)
        ScriptLane.objects.filter(pk=lane).want(now=now)
        wake(DRAIN_TASK)
    return run


def run_by_hand(script: Script, *, by: str, now: datetime, source_type: str = "", source_id: str = "") -> ScriptRun:
    """Run the published version now, on a source or on none. :raises LookupError: if there is no such source"""
    subject = ""
    if source_type:
        facts = context_kind(source_type).load(source_id)
        order = facts.get("order") or {}
        subject = f"workorder/{order['id']}" if order.get("id") else ""
    key = subject or (f"{source_type}/{source_id}" if source_type else "hand")
    given = {"source_type": source_type, "source_id": source_id, "subject": subject}
    return _start(
        script, key, trigger=Trigger.HAND, occurred_at=now, now=now, asked_by=by[:150], reason="operator", **given
    )


@transaction.atomic
def _start(script: Script, key: str, *, now: datetime, **values: Any) -> ScriptRun:
    lane = lanes_called([(script.pk, key)])[script.pk, key]
    run = ScriptRun.objects.create(lane_id=lane, script=script, **values)
    ScriptLane.objects.filter(pk=lane).want(now=now)
    wake(DRAIN_TASK)
    return run


def replay(runs: "QuerySet[ScriptRun]", *, by: str, now: datetime) -> int:
    """Run ended runs again with the published version and the facts as they are now; return how many.

    What they wrote is not written twice: the ledger knows the effects of a script by its name, not by run or version.
    """
    return _again(runs, by=by, now=now, version=None, input=None, reason="replay", replays=F("replays") + 1)


def retry(runs: "QuerySet[ScriptRun]", *, by: str, now: datetime) -> int:
    """Try failed runs again with the version and the input that they had; return how many."""
    return _again(runs.filter(state=RunState.FAILED), by=by, now=now)


def _again(runs: "QuerySet[ScriptRun]", *, by: str, now: datetime, **values: Any) -> int:
    again: dict[str, Any] = {"state": RunState.WAITING, "note": f"Asked for by {by}.", "asked_by": by[:150]}
    again |= {"attempts": 0, "due_at": now, "ended_at": None, "first_tried_at": now, "collecting": False}
    pks = list(runs.filter(state__in=_ENDED).order_by("pk").values_list("pk", "lane_id"))
    done = ScriptRun.objects.filter(pk__in=[pk for pk, _ in pks], state__in=_ENDED).update(**again, **values)
    _want({lane for _, lane in pks}, now=now)
    return done


def _want(lanes: Iterable[int], *, now: datetime) -> None:
    """Ask for each lane by a statement of its own: many at once could wait for each other."""
    for lane in sorted(lanes):
        ScriptLane.objects.filter(pk=lane).want(now=now)
    wake(DRAIN_TASK)


def resume(origin: str) -> None:
    """An operator decided on a write of this run: let the run go on, if it ended for that."""
    number = origin.partition("/")[2].partition(".")[0]
    runs = ScriptRun.objects.filter(pk=int(number)) if number.isdecimal() else ScriptRun.objects.none()
    now = clock.now()
    runs.open().update(due_at=now)
    retry(runs, by="the decision on its write", now=now)
    _want(runs.open().values_list("lane_id", flat=True), now=now)


def run_url(origin: str) -> str:
    """Return the page of the run that the ledger calls so."""
    return reverse("admin:scripts_scriptrun_change", args=[origin.partition("/")[2].partition(".")[0]])
