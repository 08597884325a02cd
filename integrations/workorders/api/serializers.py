"""What the centre takes and answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.connections.api.fields import KeyField, StrictSerializer, TimeField
from integrations.core.registries import Entry
from integrations.workorders.api import related
from integrations.workorders.links import photo_link
from integrations.workorders.models import ExternalId, Join, Photo, WorkOrder
from integrations.workorders.naming import fault_of
from integrations.workorders.values import TEXT_FIELDS


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
    links = serializers.SerializerMethodField(help_text="Lists of what belongs to it: `items`, `photos`, `writes` …")

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
            "links",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.URLField()))
    def get_links(self, order: WorkOrder) -> dict[str, str]:
        return related.links(order)


class EntryAnswer(serializers.Serializer[Entry]):
    """One line of a timeline."""

    at = serializers.DateTimeField()
    kind = serializers.CharField(help_text="What it is: `webhook`, `join`, `write` …")
    title = serializers.CharField()
    state = serializers.CharField(help_text="Empty where it has none.")
    note = serializers.CharField(help_text="Why, as a sentence; often empty.")


class TimelineAnswer(serializers.Serializer[Any]):
    """All that is known of a work order, oldest first; of each kind the latest few hundred."""

    results = EntryAnswer(many=True)


class PhotoRow(serializers.ModelSerializer[Photo]):
    source_key = serializers.CharField(source="external_id", read_only=True, help_text="What the platform calls it.")
    link = serializers.SerializerMethodField(help_text="The picture, for whoever has the address; good for a time.")
    small_link = serializers.SerializerMethodField(help_text="The same, small.")

    class Meta:
        model = Photo
        fields: tuple[str, ...] = (
            "id",
            "work_order",
            "label",
            "source_type",
            "source_id",
            "source_key",
            "content_type",
            "bytes",
            "width",
            "height",
            "sha256",
            "taken_at",
            "created_at",
            "link",
            "small_link",
        )
        read_only_fields = fields

    def get_link(self, photo: Photo) -> str:
        return photo_link(photo)

    def get_small_link(self, photo: Photo) -> str:
        return photo_link(photo, size="small")


class PhotoAnswer(PhotoRow):
    class Meta(PhotoRow.Meta):
        fields = (*PhotoRow.Meta.fields, "metadata")
        read_only_fields = fields


class FactAnswer(serializers.ModelSerializer[Join]):
    """A session, a call …, and the work order that it belongs to, or why none is known."""

    connection = serializers.SlugField(source="connection.slug", read_only=True)
    title = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = Join
        fields = (
            "id",
            "connection",
            "source_type",
            "source_id",
            "title",
            "key_name",
            "key_read",
            "reason",
            "work_order",
            "joined_by",
            "decided_by",
            "occurred_at",
            "joined_at",
            "dismissed_at",
        )
        read_only_fields = fields


class AssignInput(StrictSerializer):
    """The work order: by its number here, or by a system of record and its id there (unknown: it becomes a stub)."""

    work_order = KeyField(required=False, help_text="Its number here. Instead of `system` and `external_id`.")
    system = serializers.SlugField(required=False, max_length=50, help_text="Slug of the connection that knows it.")
    external_id = serializers.CharField(required=False, max_length=200, trim_whitespace=False)

    def validate_external_id(self, value: str) -> str:
        if fault := fault_of(value):
            raise serializers.ValidationError(fault)
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if set(attrs) not in ({"work_order"}, {"system", "external_id"}):
            raise serializers.ValidationError("Give either `work_order`, or both `system` and `external_id`.")
        return attrs
