"""The questionnaire on paper: questions, answers, fields, what blocks."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from integrations.core import clock
from integrations.readiness import judging, services
from integrations.readiness.models import FieldTrial
from integrations.readiness.pages.finding import questionnaire_of, shown
from integrations.readiness.ways import way_of


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    row = questionnaire_of(owner, request, pk)
    items = list(row.items.all())
    context: dict[str, Any] = {
        "title": _("Readiness of {name}").format(name=row.connection),
        "judged": judging.judge(row, items),
    }
    context |= {"items": [(item, way_of(row, item)) for item in items], "blockers": services.what_blocks(row)}
    context |= {"trials": FieldTrial.objects.filter(questionnaire=row).order_by("-pk")[:10], "now": clock.now()}
    return shown(owner, request, row, "summary", **context)
