"""What the API takes, strictly, and what it answers."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from integrations.workorders.models import ExternalId, WorkOrder
from integrations.workorders.values import TEXT_FIELDS


class TimeField(serializers.DateTimeField):
    """ISO 8601. Without an offset it is in `zone`, where there is one, and refused where there is none."""

    default_error_messages = {"offset": "A time without offset says nothing here; write it like 2026-03-01T08:00:00Z."}
    zone: tzinfo | None = None

    def enforce_timezone(self, value: datetime) -> datetime:
        if self.zone is None and timezone.is_naive(value):
            self.fail("offset")
        self.timezone = self.zone or ZoneInfo("UTC")
        return super().enforce_timezone(value).astimezone(ZoneInfo("UTC"))


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses names that it does not know, each by name; times without offset are in `context["zone"]`."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in self.fields]):
            said = f"This is not known here. Known: {', '.join(self.fields)}."
            raise serializers.ValidationError({str(name)[:100]: [said] for name in unknown})
        for field in self.fields.values():
            if isinstance(field, TimeField):
                field.zone = self.context.get("zone")
        return super().to_internal_value(data)


def _text(longest: int, about: str) -> serializers.CharField:
    return serializers.CharField(max_length=longest, allow_blank=True, allow_null=True, required=False, help_text=about)


class WorkOrderInput(StrictSerializer):
    """What a system of record tells of a work order. A field left out stays as it is; null or "" empties it."""

    title = _text(TEXT_FIELDS["title"], "What is to be done.")
    asset = _text(TEXT_FIELDS["asset"], "The machine or installation that it is about.")
    site = _text(TEXT_FIELDS["site"], "Where that is.")
    status = _text(TEXT_FIELDS["status"], "As the system of record calls it.")
    assignee = _text(TEXT_FIELDS["assignee"], "Who is to do it.")
    priority = _text(TEXT_FIELDS["priority"], "As the system of record calls it.")
    opened_at = TimeField(required=False, allow_null=True, help_text="Without offset: in the connection's time zone.")
    resolved_at = TimeField(required=False, allow_null=True, help_text="Without offset: in the connection's time zone.")
    closed = serializers.BooleanField(required=False, help_text="Whether the record takes no more changes.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {name: "" if value is None and name in TEXT_FIELDS else value for name, value in attrs.items()}


class ExternalIdAnswer(serializers.ModelSerializer[ExternalId]):
    system = serializers.SlugField(source="system.slug", read_only=True)

    class Meta:
        model = ExternalId
        fields = ("system", "external_id")
        read_only_fields = fields


class WorkOrderAnswer(serializers.ModelSerializer[WorkOrder]):
    external_ids = ExternalIdAnswer(many=True, read_only=True)
    stub = serializers.BooleanField(
        read_only=True, help_text="Known by its key only: a session named it, and no system of record told of it yet."
    )

    class Meta:
        model = WorkOrder
        fields = (
            "id",
            "external_ids",
            *TEXT_FIELDS,
            "opened_at",
            "resolved_at",
            "closed",
            "stub",
            "created_at",
            "changed_at",
        )
        read_only_fields = fields


class WorkOrderPage(serializers.Serializer[Any]):
    """One page of the list."""

    next = serializers.URLField(allow_null=True, help_text="Address of the next page; null on the last.")
    previous = serializers.URLField(allow_null=True)
    results = WorkOrderAnswer(many=True)


class WorkOrderQuery(StrictSerializer):
    """What the list can be narrowed to; several conditions must all hold."""

    external_id = serializers.CharField(required=False, max_length=200, help_text="Exactly, in any system.")
    system = serializers.SlugField(required=False, help_text="Slug of a connection: orders that it knows.")
    asset = serializers.CharField(required=False, max_length=200, help_text="Exactly.")
    site = serializers.CharField(required=False, max_length=200, help_text="Exactly.")
    status = serializers.CharField(required=False, max_length=100, help_text="Exactly.")
    closed = serializers.BooleanField(required=False, allow_null=True, default=None)
    changed_since = TimeField(required=False, help_text="With offset; changed at this time or later.")
    cursor = serializers.CharField(required=False, help_text="As given in `next` or `previous`.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=200, help_text="50 by default.")


@extend_schema_serializer(component_name="Problem")
class ProblemAnswer(serializers.Serializer[Any]):
    """An error, as RFC 9457 problem details."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField(help_text="What is wrong, for a person.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="What is wrong, for a program; never renamed.")
    errors = serializers.DictField(  # type: ignore[assignment]  # declared fields are taken off the class
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="By field."
    )
