"""Catalogs and contacts over HTTP, read only: they come from the CMS, or by tables."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from integrations.connections.api.views import ApiView, DetailView, ListView
from integrations.platforms.worklink.api import catalog_filters as filters
from integrations.platforms.worklink.api import catalog_serializers as serializers
from integrations.platforms.worklink.api.views import OF_CONNECTION
from integrations.platforms.worklink.models import Contact, ScenarioCatalog


class _Catalogs(ApiView):
    scope = "catalogs:read"
    tag = "Catalogs"

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        rows: QuerySet[Any] = ScenarioCatalog.objects.filter(connection__workspace=workspace_id)
        return rows.select_related("connection").defer(*OF_CONNECTION).prefetch_related("served")


@extend_schema_view(get=extend_schema(operation_id="list_scenario_catalogs", summary="List scenario catalogs"))
class CatalogList(_Catalogs, ListView):
    serializer_class = serializers.CatalogRow
    filterset_class = filters.CatalogFilter


@extend_schema_view(
    get=extend_schema(operation_id="get_scenario_catalog", summary="Read a scenario catalog, with its scenarios")
)
class CatalogDetail(_Catalogs, DetailView):
    serializer_class = serializers.CatalogAnswer

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        return super().rows(workspace_id).prefetch_related("scenarios")


class _Contacts(ApiView):
    scope = "contacts:read"
    tag = "Contacts"

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        rows = Contact.objects.filter(connection__workspace=workspace_id)
        return rows.select_related("connection").defer(*OF_CONNECTION)


@extend_schema_view(get=extend_schema(operation_id="list_contacts", summary="List contacts that can be called"))
class ContactList(_Contacts, ListView):
    serializer_class = serializers.ContactRow
    filterset_class = filters.ContactFilter


@extend_schema_view(get=extend_schema(operation_id="get_contact", summary="Read a contact"))
class ContactDetail(_Contacts, DetailView):
    serializer_class = serializers.ContactRow
