"""The queue of manual review: one photo at a time, decided by buttons or keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.camera.engines.contract import ERROR, Message
from integrations.camera.models import Analysis, AnalysisState, OutcomeType, Task
from integrations.camera.pages import shown
from integrations.camera.protocol.rules import matching
from integrations.camera.services import deciding, facts
from integrations.core import clock
from integrations.core.errors import FieldportError

CODE = "REVIEWER"
CONFORM, NOT_CONFORM, CHOSEN, REFUSE = "conform", "not_conform", "chosen", "refuse"


class NoAnswer(FieldportError):
    """A value is missing or cannot be read; the message names the task."""


@dataclass(frozen=True)
class Asked:
    """A task as the page asks for it. `conform`, `not_conform`: the yes or no that its rules call so; None: neither."""

    row: Task
    conform: bool | None
    not_conform: bool | None

    @property
    def is_yes_no(self) -> bool:
        return self.row.outcome_type == OutcomeType.BOOLEAN


def asked_of(analysis: Analysis) -> list[Asked]:
    photo = analysis.input
    return [_asked(task) for task in facts.tasks_for(photo.item.order, photo.item.group)]


def _asked(task: Task) -> Asked:
    if task.outcome_type != OutcomeType.BOOLEAN:
        return Asked(task, None, None)
    rules = facts.fact_of(task).rules
    judged = {value: bool((rule := matching(value, rules)) and rule.validated) for value in (True, False)}
    conform = next((value for value, good in judged.items() if good), None)
    return Asked(task, conform, next((value for value, good in judged.items() if not good), None))


def values_of(tasks: Iterable[Asked], posted: Mapping[str, str], *, decision: str) -> dict[str, Any]:
    """Return a value for each task: by the decision for yes or no, else as given. :raises NoAnswer: naming the task"""
    return {each.row.name: _value(each, posted, decision=decision) for each in tasks}


def _value(each: Asked, posted: Mapping[str, str], *, decision: str) -> Any:
    text = posted.get(f"task-{each.row.pk}", "").strip()
    if each.is_yes_no:
        value = {CONFORM: each.conform, NOT_CONFORM: each.not_conform}.get(
            decision, {"yes": True, "no": False}.get(text)
        )
        if value is None:
            raise NoAnswer(_("Choose yes or no for “{task}”.").format(task=each.row.name))
        return value
    if not text:
        raise NoAnswer(_("Type a value for “{task}”.").format(task=each.row.name))
    if each.row.outcome_type == OutcomeType.TEXT:
        return text
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise NoAnswer(_("“{task}” needs a number.").format(task=each.row.name)) from None


def page(owner: Any, request: HttpRequest) -> HttpResponse:
    """Show the oldest that waits, after `?after=` if it is given."""
    if not owner.may_review(request):
        raise PermissionDenied
    waiting = Analysis.objects.filter(state=AnalysisState.REVIEW).order_by("pk")
    if request.method == "POST":
        return _decided(request, waiting)
    after = request.GET.get("after", "")
    after = after if after.isdecimal() and len(after) < 19 else "0"
    analysis = (
        waiting.filter(pk__gt=int(after)).select_related("input__item__order__site", "input__item__group").first()
    )
    context = owner.admin_site.each_context(request) | {"title": _("Manual review"), "analysis": analysis}
    context |= {"again": int(after) > 0, "waiting": waiting[:1000].count()}
    if analysis is not None:
        photo = analysis.input
        context |= {"photo": shown.input_of(photo, shown.photos_of([photo])), "tasks": asked_of(analysis)}
        context |= {"order": photo.item.order, "group": photo.item.group}
    return TemplateResponse(request, "camera/admin/review.html", context)


def _decided(request: HttpRequest, waiting: Any) -> HttpResponse:
    number = request.POST.get("analysis", "")
    known = Analysis.objects.select_related("input__item__order", "input__item__group")
    analysis = known.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    if analysis is None:
        raise Http404
    try:
        _decide(request, analysis)
    except FieldportError as error:
        messages.error(request, str(error))
        after = analysis.pk - 1
    else:
        messages.success(request, _("Decided: {photo}.").format(photo=analysis.input.item))
        after = analysis.pk if waiting.filter(pk__gt=analysis.pk).exists() else 0
    return HttpResponseRedirect(f"{reverse('admin:camera_analysis_review')}?after={after}")


def _decide(request: HttpRequest, analysis: Analysis) -> None:
    decision, by, now = request.POST.get("decision", ""), request.user.get_username(), clock.now()
    if decision == REFUSE:
        text = request.POST.get("reason", "").strip() or _("The photo cannot be used. Take it again.")
        deciding.refuse(analysis, [Message(ERROR, CODE, text[:300])], by=by, now=now)
    elif decision in (CONFORM, NOT_CONFORM, CHOSEN):
        values = values_of(asked_of(analysis), request.POST, decision=decision)
        deciding.review(analysis, values, by=by, now=now)
    else:
        raise NoAnswer(_("Press one of the buttons."))
