"""Who changed which setting, over all kinds of settings, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from integrations.core.badges import Text

SHOWN = 100
TONES = {"+": "ok", "~": "busy", "-": "bad"}


@dataclass(frozen=True)
class Change:
    at: datetime
    by: str
    kind: Text
    what: str
    verb: Text
    tone: str
    url: str


def page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show the newest changes of what the user may see. :raises PermissionDenied: if that is nothing"""
    kept = [model for model in _kept() if _may_see(request, model)]
    if not kept:
        raise PermissionDenied
    changes = [change for model in kept for change in _changes(model)]
    changes.sort(key=lambda change: change.at, reverse=True)
    context = site.each_context(request) | {"title": _("History"), "changes": changes[:SHOWN]}
    return TemplateResponse(request, "desk/history.html", context)


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    return request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")


def _kept() -> list[type[Model]]:
    return [model for model in apps.get_models() if hasattr(model, "history_type")]


def _changes(model: type[Any]) -> list[Change]:
    records = model.objects.select_related("history_user").order_by("-history_date", "-history_id")[:SHOWN]
    return [_change(record) for record in records]


def _change(record: Any) -> Change:
    # The row itself may be gone, and following its foreign keys would cost a query each: name it by its own columns.
    name = getattr(record, "name", "") or getattr(record, "target", "") or getattr(record, "kind", "") or str(record.id)
    meta = record.instance_type._meta
    return Change(
        at=record.history_date,
        by=str(record.history_user or record.history_change_reason or _("the system")),
        kind=meta.verbose_name,
        what=name,
        verb=record.get_history_type_display(),
        tone=TONES[record.history_type],
        url=_history_url(meta.app_label, meta.model_name, record.id),
    )


def _history_url(app: str, model: str, pk: int) -> str:
    try:
        return reverse(f"admin:{app}_{model}_history", args=[pk])
    except NoReverseMatch:  # shown inline on another row's page
        return ""
