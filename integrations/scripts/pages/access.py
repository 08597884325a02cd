"""Who may open a script's pages, and what all of them show."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from integrations.scripts import words
from integrations.scripts.models import Script
from integrations.scripts.pages.jail import jail


def script_to_see(owner: Any, request: HttpRequest, pk: int) -> Script:
    """:raises PermissionDenied: :raises Http404:"""
    if not owner.has_view_permission(request):
        raise PermissionDenied
    return _found(pk)


def script_to_change(owner: Any, request: HttpRequest, pk: int) -> Script:
    """:raises PermissionDenied: :raises Http404:"""
    if not owner.has_change_permission(request):
        raise PermissionDenied
    return _found(pk)


def _found(pk: int) -> Script:
    script = Script.objects.select_related("active_version").filter(pk=pk).first()
    if script is None:
        raise Http404
    return script


def shared(owner: Any, request: HttpRequest, script: Script, *, title: str) -> dict[str, Any]:
    """Return what the templates of all these pages need."""
    common: dict[str, Any] = owner.admin_site.each_context(request)
    return common | {
        "title": title,
        "subtitle": str(script),
        "script": script,
        "state": words.state(script),
        "triggers": words.triggers(script),
        "may_change": owner.has_change_permission(request),
        "may_see_runs": owner.has_right(request, "scripts.view_scriptrun"),
        "jail": jail(),
    }
