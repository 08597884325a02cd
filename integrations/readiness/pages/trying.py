"""Asking for a trial: which field, on which record, with which value."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.readiness import trials
from integrations.readiness.models import FieldTrial, Item, Questionnaire
from integrations.readiness.pages.finding import questionnaire_of, shown
from integrations.readiness.ways import is_answered, is_written

RIGHT = "readiness.rerun_fieldtrial"
SHOWN = 20


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    row = questionnaire_of(owner, request, pk, rights=("view", RIGHT))
    ready = [item for item in row.items.all() if is_written(item) and is_answered(row, item)]
    if request.method == "POST" and (made := _asked(request, row)):
        return HttpResponseRedirect(reverse("admin:readiness_fieldtrial_change", args=[made.pk]))
    context: dict[str, Any] = {"items": [(item, trials.example_of(item)) for item in ready], "title": _("Try a field")}
    context |= {"given": request.POST, "refusal": trials.refusal(row)}
    context |= {"trials": FieldTrial.objects.filter(questionnaire=row).order_by("-pk")[:SHOWN]}
    return shown(owner, request, row, "try", **context)


def _asked(request: HttpRequest, row: Questionnaire) -> FieldTrial | None:
    try:
        item = _item(row, request.POST.get("item", ""))
        value = request.POST.get("value", "") or trials.example_of(item)
        record = request.POST.get("record", "")
        return trials.ask(row, item, record_key=record, value=value, by=request.user.get_username())
    except trials.NotNow as error:
        messages.error(request, str(error))
        return None


def _item(row: Questionnaire, pk: str) -> Item:
    """:raises NotNow:"""
    item = row.items.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
    if item is None:
        raise trials.NotNow(_("Choose the field to try."))
    return item
