"""Sessions and calls over HTTP, read only: their truth lives in the CMS."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from integrations.connections.api.views import ApiView, DetailView, ListView
from integrations.platforms.worklink.api import filters, serializers
from integrations.platforms.worklink.models import CallSession, ScenarioSession, Stored

OF_CONNECTION = tuple(f"connection__{name}" for name in ("credentials", "token_cache", "settings", "probe"))

ORDERINGS = ("-id", "id", "-started_at", "started_at")


def _of(model: type[Stored], workspace_id: int) -> QuerySet[Any]:
    rows = model._default_manager.filter(connection__workspace=workspace_id)
    return rows.select_related("connection").defer(*OF_CONNECTION)


class _Sessions(ApiView):
    scope = "sessions:read"
    tag = "Sessions"

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        return _of(ScenarioSession, workspace_id)


@extend_schema_view(get=extend_schema(operation_id="list_sessions", summary="List sessions"))
class SessionList(_Sessions, ListView):
    serializer_class = serializers.SessionRow
    filterset_class = filters.SessionFilter
    orderings = ORDERINGS

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        return super().rows(workspace_id).defer(*OF_CONNECTION, *serializers.WHOLE)


@extend_schema_view(get=extend_schema(operation_id="get_session", summary="Read a session, with its whole document"))
class SessionDetail(_Sessions, DetailView):
    serializer_class = serializers.SessionAnswer


class _Calls(ApiView):
    scope = "calls:read"
    tag = "Calls"

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        return _of(CallSession, workspace_id)


@extend_schema_view(get=extend_schema(operation_id="list_calls", summary="List calls"))
class CallList(_Calls, ListView):
    serializer_class = serializers.CallRow
    filterset_class = filters.StoredFilter
    orderings = ORDERINGS

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        return super().rows(workspace_id).defer(*OF_CONNECTION, *serializers.WHOLE)


@extend_schema_view(get=extend_schema(operation_id="get_call", summary="Read a call, with its whole document"))
class CallDetail(_Calls, DetailView):
    serializer_class = serializers.CallAnswer
