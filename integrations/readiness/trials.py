"""Asking for a trial of a field, and for its restoring."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.connections.capture import capture_reason
from integrations.core import clock
from integrations.core.errors import PermanentError
from integrations.core.wake import wake
from integrations.core.work import OPEN_STATES, WorkState
from integrations.readiness.choices import UNRESTORED, Stage
from integrations.readiness.models import FieldTrial, Item, Questionnaire
from integrations.readiness.ways import is_answered, is_written, operation_for, way_of
from integrations.sync.formats import FormatError, Wanted, convert
from integrations.sync.guarantee import reads_back

TASK = "readiness.try"
EXAMPLES = {"INTEGER": "7", "NUMBER": "7.5", "BOOLEAN": "true", "TIME": "2026-03-01T12:00:00Z", "DATE": "2026-03-01"}


class NotNow(PermanentError):
    """The trial is refused before anything was asked; the message says why, and what to do."""


def example_of(item: Item) -> str:
    """Return a value to try a field with."""
    return EXAMPLES.get(item.type, "Fieldport test")


def refusal(questionnaire: Questionnaire) -> str:
    """Say why no trial can be made now; empty if one can."""
    connection = questionnaire.connection
    if not questionnaire.api or not questionnaire.writes:
        return _("There is no API to write by, by the answer to question 2.")
    if connection.paused:
        return _("The connection is paused; resume it first.")
    if reason := capture_reason(connection):
        return _("Writes are held back, so nothing can be tried. {reason}").format(reason=reason)
    return ""


def ask(questionnaire: Questionnaire, item: Item, *, record_key: str, value: str, by: str) -> FieldTrial:
    """Have a field written, read back and restored on a record.

    :raises NotNow: saying why it cannot be tried; nothing is sent then
    """
    if reason := refusal(questionnaire):
        raise NotNow(reason)
    if not record_key.strip():
        raise NotNow(_("Name the record to try it on: one that was made for tests."))
    if not is_written(item) or not is_answered(questionnaire, item):
        raise NotNow(_("Answer questions 4 and 5 about {item} first.").format(item=item))
    way = way_of(questionnaire, item)
    if not reads_back(operation_for(questionnaire, way)):
        raise NotNow(_("Say how the record is read: what cannot be read cannot be restored."))
    with transaction.atomic():
        trial = _made(questionnaire, item, record_key.strip()[:200], _typed(questionnaire, item, value), by)
    wake(TASK)
    return trial


def _made(questionnaire: Questionnaire, item: Item, record_key: str, value: Any, by: str) -> FieldTrial:
    list(Questionnaire.objects.select_for_update().filter(pk=questionnaire.pk).values_list("pk"))
    others = FieldTrial.objects.filter(questionnaire__connection=questionnaire.connection_id, record_key=record_key)
    if other := others.filter(Q(stage__in=UNRESTORED) | Q(state__in=OPEN_STATES)).first():
        said = _("Trial {number} of this record has not ended: {field}. See it through first.")
        raise NotNow(said.format(number=other.pk, field=other.target))
    way = way_of(questionnaire, item)
    return FieldTrial.objects.create(
        questionnaire=questionnaire,
        target=item.target,
        record_key=record_key,
        value=value,
        way={"method": way.method, "path": way.path, "document": way.document},
        asked_by=by[:150],
    )


def _typed(questionnaire: Questionnaire, item: Item, value: str) -> Any:
    connection = questionnaire.connection
    shape = item.format or (connection.date_format if item.type in ("TIME", "DATE") else "")
    try:
        made = convert(value, item.type, Wanted(shape, connection.time_zone))
        json.dumps(made, allow_nan=False)
    except (FormatError, ValueError) as error:
        raise NotNow(_("The value cannot be written so: {problem}.").format(problem=error)) from error
    if made in ("", None, [], {}):
        raise NotNow(_("Give a value that is not empty: an empty one proves nothing."))
    return made


def may_be_restored(trial: FieldTrial) -> bool:
    """Whether a person may ask now: nobody is on it, and its value may still be on the record."""
    return trial.is_unrestored


def restore(trial: FieldTrial, *, by: str, now: datetime) -> None:
    """Try at once to restore the field; its trial is not begun again. :raises NotNow: if a worker is on it"""
    rows = FieldTrial.objects.unrestored().filter(pk=trial.pk)
    asked = {"asked_by": by[:150], "rereads": 0, "stage": Stage.WRITTEN}
    again = rows.rerun(now=now, **asked)
    again = again or rows.filter(state=WorkState.DUE).update(due_at=now, **asked)
    if not again and rows.filter(state=WorkState.RUNNING, due_at__gt=now).exists():
        until = trial.due_at + timedelta(seconds=1)
        said = _("A worker is on it. If it died, the field is restored by itself after {at:%H:%M:%S} UTC.")
        raise NotNow(said.format(at=until))
    wake(TASK)


def url_of(origin: str) -> str:
    """Return the page of the trial that a write of the ledger names."""
    return reverse("admin:readiness_fieldtrial_change", args=[int(origin.partition("/")[2])])


def resume(origin: str) -> None:
    """An operator decided about a write of a trial: let one that is still at work go on."""
    rows = FieldTrial.objects.unrestored().filter(pk=int(origin.partition("/")[2]), state=WorkState.DUE)
    rows.update(due_at=clock.now())
