"""The editor of a script: its text, what it may use, a dry run, saving and publishing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.core import clock
from integrations.core.badges import pretty_json
from integrations.core.errors import FieldportError
from integrations.scripts import services
from integrations.scripts.models import Script, ScriptVersion
from integrations.scripts.pages import offered, reference, starting, trying, versions
from integrations.scripts.pages.access import script_to_change, script_to_see, shared


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the newest text, or that of `?version=3`; save, publish or, without JavaScript, try what is posted."""
    if request.method != "POST":
        return _shown(owner, request, script_to_see(owner, request, pk))
    script = script_to_change(owner, request, pk)
    if "_dry_run" in request.POST:
        return _shown(owner, request, script, tried=_tried(request, script))
    version = _kept(request, script, publishing="_publish" in request.POST)
    if version is None:
        return _shown(owner, request, script)
    if "_publish" in request.POST:
        versions.published(request, version)
    return HttpResponseRedirect(_again(request, script))


def _again(request: HttpRequest, script: Script) -> str:
    """Return the address of the editor with the same event chosen."""
    number = request.POST.get("event", "")
    query = f"?event={number}" if number.isdecimal() else ""
    return reverse("admin:scripts_script_editor", args=[script.pk]) + query


def _kept(request: HttpRequest, script: Script, *, publishing: bool) -> ScriptVersion | None:
    """Return the version of the posted text, saved if it is not yet; None if it is refused."""
    source, note = trying.source_of(request), request.POST.get("note", "").strip()
    if publishing and (version := trying.saved(script, source)):
        return version
    if not source.strip():
        messages.error(request, _("There is no text to save."))
        return None
    try:
        who = request.user.get_username()
        version = services.save_version(script, source, author=who, note=note, now=clock.now())
    except services.NothingChanged:
        messages.info(request, _("This text is the newest version already."))
        return trying.saved(script, source)
    except ValueError as error:
        messages.error(request, str(error))
        return None
    messages.success(request, _("Saved as version {number}.").format(number=version.number))
    return version


def _tried(request: HttpRequest, script: Script) -> dict[str, Any]:
    try:
        return trying.shown(trying.tried(script, request))
    except (trying.NoSuchEvent, FieldportError) as error:
        return {"error": str(error)}


def _shown(owner: Any, request: HttpRequest, script: Script, tried: dict[str, Any] | None = None) -> HttpResponse:
    version = _opened(request, script)
    posted = trying.source_of(request) if request.method == "POST" else None
    source = version.source if version and posted is None else posted or ""
    chosen = request.POST.get("event", request.GET.get("event", ""))
    at_hand = trying.saved(script, source) if source else None
    context = shared(owner, request, script, title=_("Editor")) | {
        "version": version,
        "source": source,
        "note": request.POST.get("note", ""),
        "events": offered.events(script, chosen=chosen),
        "reads": request.POST.get("reads", request.GET.get("reads", "")),
        "kinds": offered.kinds(script),
        "reference": reference.of_context(),
        "templates": starting.templates(),
        "may_publish": bool(at_hand and at_hand.tested_at and at_hand.pk != script.active_version_id),
        "tried": tried,
        "tried_shown": pretty_json(tried, label=_("Result")) if tried else "",
    }
    return TemplateResponse(request, "scripts/editor.html", context)


def _opened(request: HttpRequest, script: Script) -> ScriptVersion | None:
    """Return the version that is opened: the one asked for, or the newest."""
    rows, number = script.versions.order_by("-number"), request.GET.get("version", "")
    asked = rows.filter(number=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    return asked or rows.first()
