"""What answers 3 to 5 make: each mapping with what would change, and what was changed by hand; then the making."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.readiness import judging, planning, producing
from integrations.readiness.models import Questionnaire
from integrations.readiness.pages.finding import questionnaire_of, shown


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    row = questionnaire_of(owner, request, pk)
    if request.method == "POST":
        return _produced(owner, request, row)
    changes = planning.plan(row)
    may = all(owner.has_right(request, right) for right in ("change", "sync.add_operation", "sync.change_operation"))
    context = {"changes": changes, "may": may, "by_hand": any(change.by_hand for change in changes)}
    context |= {"problems": any(change.problems for change in changes)}
    context |= {"pending": any(change.is_pending for change in changes)}
    context |= {"judged": judging.judge(row, list(row.items.all()))[2:]}
    return shown(owner, request, row, "mapping", title=_("Mapping"), **context)


def _produced(owner: Any, request: HttpRequest, row: Questionnaire) -> HttpResponse:
    for right in ("change", "sync.add_operation", "sync.change_operation"):
        if not owner.has_right(request, right):
            raise PermissionDenied
    try:
        changes = producing.produce(row, over_hand="over_hand" in request.POST)
        messages.success(request, _said(changes))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(request.path)


def _said(changes: list[planning.Change]) -> str:
    made = [change for change in changes if change.draft is not None]
    words = ngettext("%d mapping is as the answers have it.", "%d mappings are as the answers have them.", len(made))
    return f"{words % len(made)} {_('New ones are switched off until you go live.')}"
