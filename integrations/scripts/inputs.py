"""What a run is given: the facts as they are at its first try, in the shape that `ctx` has."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from integrations.core.errors import PermanentError
from integrations.core.platforms import ContextKind, ScriptFacts, context_kind
from integrations.events.models import Event
from integrations.scripts import schemas
from integrations.scripts.models import Script, ScriptRun
from integrations.workorders.models import Photo
from integrations.workorders.selectors import iso

LARGEST_INPUT = 4 * 1024 * 1024
MOST_PHOTOS = 200


class InputTooLarge(PermanentError):
    """The facts do not fit into a run."""


@dataclass(frozen=True)
class Source:
    """One source with its facts: the context of mappings, and what its platform shows scripts."""

    type: str
    id: str
    facts: Mapping[str, Any]
    script: ScriptFacts | None


def input_of(run: ScriptRun) -> dict[str, Any]:
    """Return what the run's script is given, the parts apart that change from try to try.

    :raises PermanentError: if its source is gone, or the facts are too large
    """
    source = source_of(run.source_type, run.source_id)
    events = [_event(event, source) for event in _events_of(run)] or [_asked_for(run, source)]
    given = {**_objects(source), "event": events[-1], "events": events, "config": config_of(run.script)}
    given["scope"] = source.script.connection_id if source and source.script else None
    if run.collected > 1:
        given["sources"] = [_objects(each) for each in _sources_of(run)]
    given["idempotencyKey"] = idempotency_key(run, given)
    size = len(json.dumps(given).encode())
    if size > LARGEST_INPUT:
        raise InputTooLarge(
            f"The facts of this run take {size} bytes; a script is given at most {LARGEST_INPUT}. Make batches smaller."
        )
    return given


def config_of(script: Script) -> dict[str, Any]:
    return schemas.with_defaults(script.settings_schema, script.settings)


def source_of(source_type: str, source_id: str) -> Source | None:
    """Load a source's facts; None where a run has none. :raises PermanentError: if it is not there any more"""
    if not source_type:
        return None
    try:
        kind = context_kind(source_type)
        return Source(source_type, source_id, kind.load(source_id), _script_facts(kind, source_id))
    except (ObjectDoesNotExist, LookupError) as error:
        raise PermanentError(f"{source_type} {source_id} is not there any more.") from error


def _script_facts(kind: ContextKind, source_id: str) -> ScriptFacts | None:
    return kind.script(source_id) if kind.script else None


def _objects(source: Source | None) -> dict[str, Any]:
    """Return what is in `ctx` of a source: order, session, call, answers, photos, and all facts of mappings."""
    shown: dict[str, Any] = {"session": None, "call": None, "answers": [], "photos": [], "order": None, "facts": {}}
    if source is None:
        return shown
    facts = dict(source.facts)
    shown |= {"order": facts.get("order"), "facts": facts, "photos": list(_photos(source))}
    return shown | dict(source.script.objects if source.script else {})


def _photos(source: Source) -> Iterable[dict[str, Any]]:
    own = Photo.objects.filter(pk=source.id) if source.type == "photo" else None
    rows = own if own is not None else Photo.objects.filter(source_type=source.type, source_id=source.id)
    for photo in rows.order_by("pk")[:MOST_PHOTOS]:
        yield {
            "id": photo.pk,
            "step": photo.label,
            "name": photo.file_name,
            "contentType": photo.content_type,
            "size": photo.bytes,
            "takenAt": iso(photo.taken_at),
        }


def _events_of(run: ScriptRun) -> list[Event]:
    pks = [run.event_id] if run.event_id else list(run.batch.values_list("event_id", flat=True))
    return list(Event.objects.filter(pk__in=pks).order_by("seq", "pk"))


def _sources_of(run: ScriptRun) -> Iterable[Source]:
    """Yield the sources of a batch, each once, as they are now; what is gone is left out."""
    for source_type, source_id in dict.fromkeys((each.source_type, each.source_id) for each in _events_of(run)):
        try:
            if source := source_of(source_type, source_id):
                yield source
        except PermanentError:
            continue


def _event(event: Event, source: Source | None) -> dict[str, Any]:
    own = source.script if source and (source.type, source.id) == (event.source_type, event.source_id) else None
    return {
        "id": event.pk,
        "number": event.seq,
        "type": event.type,
        "verb": event.type.rpartition(".")[2],
        "resourceType": own.resource_type if own else event.source_type,
        "resourceId": own.resource_id if own else event.source_id,
        "sourceType": event.source_type,
        "sourceId": event.source_id,
        "subject": event.subject,
        "reason": event.reason,
        "occurredAt": iso(event.occurred_at),
        "payload": event.payload,
    }


def _asked_for(run: ScriptRun, source: Source | None) -> dict[str, Any]:
    """Return the event of a run that no event asked for: the schedule, or a person."""
    own = source.script if source else None
    return {
        "id": None,
        "number": None,
        "type": run.event_type or f"script.{run.trigger.lower()}",
        "verb": run.trigger.lower(),
        "resourceType": own.resource_type if own else run.source_type,
        "resourceId": own.resource_id if own else run.source_id,
        "sourceType": run.source_type,
        "sourceId": run.source_id,
        "subject": run.subject,
        "reason": run.reason,
        "occurredAt": iso(run.occurred_at),
        "payload": {},
    }


def idempotency_key(run: ScriptRun, given: Mapping[str, Any]) -> str:
    """Name resource and content: the same for a replay of the same facts, another one when they change."""
    content = {name: given.get(name) for name in ("session", "call", "order", "answers")}
    if not run.source_id:
        content["occurred_at"] = iso(run.occurred_at)
    made_of = (run.script.slug, run.source_type, run.source_id, json.dumps(content, sort_keys=True, default=str))
    return hashlib.sha256("\x1f".join(made_of).encode()).hexdigest()[:32]


def per_try(run: ScriptRun, *, now: datetime, dry_run: bool) -> dict[str, Any]:
    """Return the parts of the input that belong to one try."""
    return {"attempt": run.attempts, "dryRun": dry_run, "now": iso(now)}
