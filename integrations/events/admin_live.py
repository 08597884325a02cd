"""The live page: events of a workspace as they come, all of them or as one endpoint gets them."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from integrations.connections.models import Workspace
from integrations.core import subjects
from integrations.events.cursors import CursorInvalid
from integrations.events.models import Endpoint, Event
from integrations.events.selectors.feed import CursorExpired, Page, feed, log_of

FIRST, MOST = 20, 100


def page(model_admin: "ModelAdmin[Event]", request: HttpRequest) -> HttpResponse:
    """Show the page; with `after`, a cursor, only the rows that follow it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    workspace = workspace_of(request)
    found, gap = _events(request, workspace)
    rows = list(reversed(found.events))
    names = subjects.names({row.subject for row in rows if row.subject})
    shown = [(row, subjects.link(row.subject, names.get(row.subject, ""))) for row in rows]
    context: dict[str, Any] = {"rows": shown, "next": found.next, "more": found.more, "gap": gap}
    if "after" in request.GET:
        return TemplateResponse(request, "events/live_rows.html", context, headers={"Cache-Control": "no-store"})
    endpoints = Endpoint.objects.of(workspace.pk).order_by("name", "pk")[:500]
    context |= {"title": _("Live"), "workspace": workspace, "workspaces": Workspace.objects.order_by("name")}
    context |= {"endpoints": endpoints, "chosen": request.GET.get("endpoint", "")}
    return TemplateResponse(request, "events/live.html", {**model_admin.admin_site.each_context(request), **context})


def workspace_of(request: HttpRequest) -> Workspace:
    """Return the workspace that the address names, else the default one."""
    given = request.GET.get("workspace", "")
    found = Workspace.objects.filter(pk=given).first() if given.isdecimal() and len(given) < 10 else None
    return found or Workspace.default()


def _events(request: HttpRequest, workspace: Workspace) -> tuple[Page, bool]:
    """Return what follows the cursor, and whether something between was lost to retention."""
    endpoint = _endpoint(request, workspace)
    after = request.GET.get("after", "") or _a_little_back(workspace.pk)
    try:
        return feed(workspace.pk, after_cursor=after, limit=MOST, endpoint_id=endpoint), False
    except CursorExpired as error:
        return feed(workspace.pk, after_cursor=error.oldest, limit=MOST, endpoint_id=endpoint), True
    except CursorInvalid:
        return feed(workspace.pk, after_cursor=_a_little_back(workspace.pk), limit=MOST, endpoint_id=endpoint), True


def _a_little_back(workspace_id: int) -> str:
    log = log_of(workspace_id)
    return log.cursor(max(log.oldest, log.last - FIRST))


def _endpoint(request: HttpRequest, workspace: Workspace) -> str | None:
    """Return the id of the endpoint that was chosen, if the workspace has it."""
    known = {str(pk) for pk in Endpoint.objects.of(workspace.pk).values_list("pk", flat=True)}
    chosen = request.GET.get("endpoint", "")
    return chosen if chosen in known else None
