"""The versions of a script: all of them, one, what changed between two, and publishing one."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.core import clock
from integrations.scripts import services
from integrations.scripts.models import Script, ScriptVersion
from integrations.scripts.pages.access import script_to_change, script_to_see, shared

SHOWN = 200


def all_of(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    script = script_to_see(owner, request, pk)
    rows = list(_of(script).defer("source")[:SHOWN])
    context = shared(owner, request, script, title=_("Versions")) | {"versions": rows}
    return TemplateResponse(request, "scripts/versions.html", context)


def one(owner: Any, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    script = script_to_see(owner, request, pk)
    version = _numbered(script, number)
    before = _of(script).filter(number__lt=number).defer("source").first()
    context = shared(owner, request, script, title=_("Version {number}").format(number=number))
    context |= {"version": version, "before": before, "is_active": version.pk == script.active_version_id}
    return TemplateResponse(request, "scripts/version.html", context)


def difference(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Show two versions side by side: `?left=3&right=4`."""
    script = script_to_see(owner, request, pk)
    numbers = [request.GET.get(name, "") for name in ("left", "right")]
    if not all(number.isdecimal() and len(number) < 10 for number in numbers):
        raise Http404
    left, right = (_numbered(script, int(number)) for number in numbers)
    context = shared(owner, request, script, title=_("Difference")) | {"left": left, "right": right}
    return TemplateResponse(request, "scripts/difference.html", context)


def publish(owner: Any, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Publish a version; an earlier one: roll back."""
    script = script_to_change(owner, request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    published(request, _numbered(script, number))
    return HttpResponseRedirect(reverse("admin:scripts_script_versions", args=[script.pk]))


def published(request: HttpRequest, version: ScriptVersion) -> bool:
    """Publish, and tell the person what came of it."""
    try:
        services.publish(version, by=request.user.get_username(), now=clock.now())
    except services.NotTested as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(
        request, _("Version {number} is published: runs that begin now use it.").format(number=version.number)
    )
    return True


def _of(script: Script) -> "QuerySet[ScriptVersion]":
    return ScriptVersion.objects.filter(script=script).order_by("-number")


def _numbered(script: Script, number: int) -> ScriptVersion:
    version = _of(script).filter(number=number).first()
    if version is None:
        raise Http404
    return version
