"""What a person asked of the report, on whichever of its pages."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from integrations.analytics.asking import NAMES, ReportForm
from integrations.connections.models import Workspace


def asked(owner: Any, request: HttpRequest) -> ReportForm:
    """Return the conditions of the address. :raises PermissionDenied: for who may not see reports"""
    if not owner.has_view_permission(request):
        raise PermissionDenied
    slug = request.GET.get("workspace", "")
    space = Workspace.objects.filter(slug=slug).first() if slug and "\x00" not in slug else None
    return ReportForm(request.GET, workspace=space or Workspace.default())


def query_of(request: HttpRequest, **more: str) -> str:
    """Return the address's own conditions, with others put in; "" takes one away."""
    given = {name: request.GET[name] for name in NAMES if request.GET.get(name)} | more
    return urlencode({name: value for name, value in given.items() if value})
