"""What of a workspace is shown, without credentials and large columns."""

from django.db.models import Prefetch, QuerySet
from rest_framework.exceptions import NotFound

from integrations.connections.models import Connection
from integrations.workorders.models import ExternalId, Join, JoinQuerySet, WorkOrder


def orders(workspace_id: int) -> QuerySet[WorkOrder]:
    """Return the orders of a workspace, with what each is called."""
    names = ExternalId.objects.select_related("system").only("external_id", "work_order_id", "system__slug")
    rows = WorkOrder.objects.filter(workspace=workspace_id)
    return rows.prefetch_related(Prefetch("external_ids", queryset=names.order_by("pk")))


def facts(workspace_id: int) -> JoinQuerySet:
    rows = Join.objects.filter(workspace=workspace_id).select_related("connection")
    return rows.defer(*(f"connection__{name}" for name in ("credentials", "token_cache", "settings", "probe")))


def system(slug: str, *, workspace_id: int) -> Connection:
    """Return a connection of a workspace. :raises NotFound:"""
    rows = Connection.objects.filter(slug=slug, workspace=workspace_id)
    if found := rows.defer("credentials", "token_cache").first():
        return found
    raise NotFound("There is no connection of this name in the token's workspace.", code="system_not_found")
