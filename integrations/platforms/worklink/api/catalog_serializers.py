"""Catalogs and contacts as the API shows them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.platforms.worklink.contacts.linking import link_to
from integrations.platforms.worklink.models import CatalogObject, Contact, Scenario, ScenarioCatalog

LISTED = ("id", "connection", "name", "resource_id", "database_id", "source", "first_seen_at", "changed_at", "gone_at")


class HeldScenario(serializers.ModelSerializer[Scenario]):
    class Meta:
        model = Scenario
        fields = ("id", "name", "resource_id", "database_id", "group", "gone_at")
        read_only_fields = fields


class ServedObject(serializers.ModelSerializer[CatalogObject]):
    class Meta:
        model = CatalogObject
        fields = ("kind", "object_id")
        read_only_fields = fields


class CatalogRow(serializers.ModelSerializer[ScenarioCatalog]):
    connection = serializers.SlugField(source="connection.slug", read_only=True)
    objects = ServedObject(
        source="served", many=True, read_only=True, help_text="What it serves beside its external asset id."
    )

    class Meta:
        model = ScenarioCatalog
        fields: tuple[str, ...] = (*LISTED, "external_asset_id", "objects")
        read_only_fields = fields


class CatalogAnswer(CatalogRow):
    scenarios = HeldScenario(many=True, read_only=True)

    class Meta(CatalogRow.Meta):
        fields = (*CatalogRow.Meta.fields, "scenarios")
        read_only_fields = fields


class ContactRow(serializers.ModelSerializer[Contact]):
    connection = serializers.SlugField(source="connection.slug", read_only=True)
    email = serializers.CharField(read_only=True, help_text="As the CMS has it; empty where it is not known.")
    link = serializers.SerializerMethodField(help_text="Calls the contact, also where the app is missing.")

    class Meta:
        model = Contact
        fields: tuple[str, ...] = (*LISTED, "key", "email", "call_id", "group", "licence", "link")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_link(self, row: Any) -> str:
        return link_to(row)
