"""Putting a person's value over a verdict: asked once, with what it means, and then final."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.camera.models import OutcomeType, Task, TaskOutcome
from integrations.camera.pages import shown
from integrations.camera.services import deciding
from integrations.core import clock
from integrations.core.errors import FieldportError

YES_NO = {"yes": True, "no": False}


class CorrectionForm(forms.Form):
    """The value in the type of the task, and that its finality was read."""

    def __init__(self, *args: Any, outcome: TaskOutcome, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"value": _field(outcome.task, outcome.analyzed_value), "final": self.fields["final"]}

    final = forms.BooleanField(label=gettext_lazy("It is final: nobody can change it afterwards."))

    def value(self) -> Any:
        given = self.cleaned_data["value"]
        return YES_NO.get(given, given) if isinstance(given, str) else given


def _field(task: Task, before: Any) -> forms.Field:
    label = task.sentence("en")
    if task.outcome_type == OutcomeType.BOOLEAN:
        others = [(name, word) for name, word in (("yes", _("yes")), ("no", _("no"))) if YES_NO[name] is not before]
        first = others[0][0] if len(others) == 1 else None
        return forms.ChoiceField(label=label, choices=others, widget=forms.RadioSelect, initial=first)
    if task.outcome_type == OutcomeType.NUMBER:
        return forms.FloatField(label=label, localize=True)
    return forms.CharField(label=label, max_length=1000)


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the value of one outcome; a POST corrects it by the same service as the worker's page."""
    if not owner.may_correct(request):
        raise PermissionDenied
    rows = TaskOutcome.objects.select_related("task", "analysis__input__item__group", "analysis__input__item__order")
    outcome = rows.filter(pk=pk).first()
    if outcome is None:
        raise Http404
    photo = outcome.analysis.input
    form = CorrectionForm(request.POST if request.method == "POST" else None, outcome=outcome)
    if form.is_valid() or outcome.corrected_at is not None:
        return _corrected(request, outcome, form)
    context = owner.admin_site.each_context(request) | {
        "title": _("Correct a verdict"),
        "form": form,
        "outcome": outcome,
        "before": shown.words(outcome.analyzed_value),
        "item": photo.item,
        "photo": shown.input_of(photo, shown.photos_of([photo])),
        "back": _back(outcome),
    }
    return TemplateResponse(request, "camera/admin/correct.html", context)


def _corrected(request: HttpRequest, outcome: TaskOutcome, form: CorrectionForm) -> HttpResponse:
    photo, by = outcome.analysis.input, request.user.get_username()
    try:
        if not form.is_valid():
            raise deciding.AlreadyCorrected
        made = deciding.correct(photo, str(outcome.task.uuid), form.value(), by=by, now=clock.now())
    except FieldportError as error:
        messages.error(request, str(error))
    else:
        told = _("“{task}” is {value} for good. The new verdict is published, and the record follows.")
        messages.success(request, told.format(task=outcome.task.name, value=shown.words(made.corrected_value)))
    return HttpResponseRedirect(_back(outcome))


def _back(outcome: TaskOutcome) -> str:
    return reverse("admin:camera_workitem_change", args=[outcome.analysis.input.item_id])
