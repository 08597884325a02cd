"""Going live: what blocks it, what it does, from when facts are written, and the switch."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.core import clock
from integrations.core.admin import MomentInput
from integrations.readiness import planning, services
from integrations.readiness.models import Questionnaire
from integrations.readiness.pages.finding import questionnaire_of, shown

RIGHTS = ("change", "connections.change_connection", "sync.change_operation")


class LiveForm(forms.Form):
    write_from = forms.DateTimeField(
        label=gettext_lazy("Write facts from"),
        widget=MomentInput(),
        help_text=gettext_lazy("What happened before is kept as history and not written."),
    )


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    row = questionnaire_of(owner, request, pk, rights=RIGHTS)
    now = clock.now().replace(microsecond=0)
    form = LiveForm(request.POST or None, initial={"write_from": row.connection.write_from if row.live_at else now})
    if request.method == "POST" and form.is_valid():
        return _gone_live(request, row, form.cleaned_data["write_from"])
    context = {"blockers": services.what_blocks(row), "form": form, "changes": planning.plan(row)}
    return shown(owner, request, row, "live", title=_("Go live"), **context)


def _gone_live(request: HttpRequest, row: Questionnaire, write_from: datetime) -> HttpResponse:
    try:
        went = services.go_live(row, write_from=write_from, by=request.user.get_username(), now=clock.now())
    except services.NotReady as error:
        for blocker in error.blockers:
            messages.error(request, blocker)
        return HttpResponseRedirect(request.path)
    words = ngettext("Live, with %d mapping.", "Live, with %d mappings.", went.mappings) % went.mappings
    messages.success(request, f"{words} {_('Writes of this connection leave from now on.')}")
    return HttpResponseRedirect(reverse("admin:readiness_questionnaire_change", args=[row.pk]))
