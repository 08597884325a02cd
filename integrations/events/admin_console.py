"""The GraphQL console: an admin asks as a program would, with his session in the place of a token."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from graphql import GraphQLObjectType

from integrations.connections.models import Workspace
from integrations.events.access import MANAGE, MANAGE_READ, READ
from integrations.events.admin_live import workspace_of
from integrations.events.graphql import views
from integrations.events.graphql.calling import Call
from integrations.events.graphql.schema import SCHEMA, SDL

if TYPE_CHECKING:
    from integrations.events.models import Event

# What a person has to be allowed for what a token's scope allows.
RIGHTS = {
    READ: ("events.view_event",),
    MANAGE_READ: ("events.view_endpoint", "events.view_eventfilter"),
    MANAGE: tuple(
        f"events.{verb}_{model}" for verb in ("add", "change", "delete") for model in ("endpoint", "eventfilter")
    ),
}
EXAMPLE = """# Ctrl-Space completes, Ctrl-Enter runs.
{
  events(order: {date: DESC}, pagination: {limit: 10}) {
    totalCount
    collectionItems { id date type cameraId }
  }
}
"""


def page(model_admin: "ModelAdmin[Event]", request: HttpRequest) -> HttpResponse:
    """Show the console."""
    _check(model_admin, request)
    context: dict[str, Any] = {
        "title": _("GraphQL"),
        "workspace": workspace_of(request),
        "workspaces": Workspace.objects.order_by("name"),
        "example": EXAMPLE,
        "schema": SDL.read_text(),
        "fields": [(_("Queries"), _fields(SCHEMA.query_type)), (_("Mutations"), _fields(SCHEMA.mutation_type))],
        "scopes": [scope for scope in RIGHTS if scope in _scopes(request)],
        "ask": reverse("admin:events_event_graphql_ask"),
    }
    return TemplateResponse(request, "events/console.html", {**model_admin.admin_site.each_context(request), **context})


def ask(model_admin: "ModelAdmin[Event]", request: HttpRequest) -> HttpResponse:
    """Answer one operation of a person who is signed in. Django's check against forged requests comes before."""
    _check(model_admin, request)
    return views.answered(request, _call)


def _call(request: HttpRequest) -> Call:
    return Call(workspace_of(request).pk, _scopes(request), request.user.get_username(), timezone.now())


def _check(model_admin: "ModelAdmin[Event]", request: HttpRequest) -> None:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied


def _scopes(request: HttpRequest) -> set[str]:
    return {scope for scope, rights in RIGHTS.items() if request.user.has_perms(rights)}


def _fields(kind: GraphQLObjectType | None) -> list[tuple[str, str, str]]:
    """Return name, arguments and type of each root field."""
    return [
        (name, ", ".join(f"{each}: {argument.type}" for each, argument in field.args.items()), str(field.type))
        for name, field in (kind.fields.items() if kind else ())
    ]
