"""What the API shows of endpoints, filters and events, and what it takes."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.connections.api.fields import StrictSerializer
from integrations.events.conditions import LONGEST, MOST, WORK_ORDER_FIELDS
from integrations.events.facts import RECOGNISED
from integrations.events.models import Endpoint, EndpointType, Event, EventFilter, WebsocketAuth, WebsocketErrors

METHODS = ("POST", "PUT", "PATCH")
Ids = {"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": MOST}


class TextField(serializers.CharField):
    """A text; a number is none."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class IdField(serializers.UUIDField):
    """A UUID as text; a number is none."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


def _ids(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=IdField(), required=False, max_length=MOST, **options)


def _values() -> serializers.ListField:
    return serializers.ListField(child=TextField(max_length=LONGEST), required=False, max_length=MOST)


class EndpointAnswer(serializers.ModelSerializer[Endpoint]):
    """Where events go. Keys and secrets are never shown here."""

    auth = serializers.SerializerMethodField()
    ws_errors = serializers.SerializerMethodField()
    url = serializers.CharField(source="destination.url", default=None, allow_null=True, read_only=True)
    method = serializers.CharField(source="destination.method", default=None, allow_null=True, read_only=True)

    class Meta:
        model = Endpoint
        fields = ("id", "name", "type", "auth", "ws_errors", "url", "method", "created_at", "modified_at")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(WebsocketAuth.choices, allow_null=True))
    def get_auth(self, row: Endpoint) -> str | None:
        return row.auth if row.is_websocket else None

    @extend_schema_field(serializers.ChoiceField(WebsocketErrors.choices, allow_null=True))
    def get_ws_errors(self, row: Endpoint) -> str | None:
        return row.ws_errors if row.is_websocket else None


class EndpointInput(StrictSerializer):
    """A websocket takes `auth` and `ws_errors`, a webhook `url` and `method`."""

    type = serializers.ChoiceField(EndpointType.choices)
    name = TextField(max_length=200)
    auth = serializers.ChoiceField(WebsocketAuth.choices, required=False)
    ws_errors = serializers.ChoiceField(WebsocketErrors.choices, required=False)
    url = TextField(max_length=2048, required=False)
    method = serializers.ChoiceField(METHODS, required=False)


class EndpointChange(StrictSerializer):
    """What is left out stays."""

    name = TextField(max_length=200, required=False)
    auth = serializers.ChoiceField(WebsocketAuth.choices, required=False)
    ws_errors = serializers.ChoiceField(WebsocketErrors.choices, required=False)
    url = TextField(max_length=2048, required=False)
    method = serializers.ChoiceField(METHODS, required=False)


@extend_schema_field(Ids)
class EndpointIds(serializers.ReadOnlyField):
    def to_representation(self, value: Any) -> list[str]:
        return sorted(str(each.pk) for each in value.all())


class FilterAnswer(serializers.ModelSerializer[EventFilter]):
    """Which events its endpoints get. An empty condition is none."""

    endpoints = EndpointIds()
    camera_ids = _ids(read_only=True)
    agent_ids = _ids(read_only=True)
    profile_group_ids = _ids(read_only=True)
    event_types = serializers.ListField(child=serializers.CharField(), read_only=True)
    work_order = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), read_only=True)

    class Meta:
        model = EventFilter
        fields = (
            "id",
            "name",
            "endpoints",
            "camera_ids",
            "agent_ids",
            "profile_group_ids",
            "event_types",
            "work_order",
            "created_at",
            "modified_at",
        )
        read_only_fields = fields


class WorkOrderCondition(StrictSerializer):
    """For each field that is named, the values of which the work order has one."""

    def get_fields(self) -> dict[str, Any]:
        return {name: _values() for name in WORK_ORDER_FIELDS}


class FilterInput(StrictSerializer):
    """Conditions that are left out are none; on a change they stay."""

    name = TextField(max_length=200, required=False, allow_blank=True)
    endpoints = _ids(help_text="Endpoints that it is linked to, and no others.")
    camera_ids = _ids()
    agent_ids = _ids()
    profile_group_ids = _ids(help_text="Watchlists.")
    event_types = serializers.ListField(
        child=TextField(max_length=80),
        required=False,
        max_length=MOST,
        help_text=f"{', '.join(RECOGNISED)}, in any case; or of our own: workorder.updated, session.*",
    )
    work_order = WorkOrderCondition(required=False, help_text="Fields of the work order; it has one of the values.")


class FilterSaved(FilterAnswer):
    """The filter, and what linking or unlinking it did to endpoints."""

    warnings = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(FilterAnswer.Meta):
        fields: Any = (*FilterAnswer.Meta.fields, "warnings")
        read_only_fields = fields


@extend_schema_field(OpenApiTypes.OBJECT)
class Body(serializers.ReadOnlyField):
    """The event as it is pushed."""


class EventAnswer(serializers.Serializer[Event]):
    """An event of the log, as endpoints get it."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    seq = serializers.IntegerField(read_only=True, help_text="Its number in the workspace's log.")
    type = serializers.CharField(read_only=True)
    occurred_at = serializers.DateTimeField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True, help_text="When it was recorded.")
    cursor = serializers.CharField(read_only=True, help_text="The place after it.")
    body = Body()


class EventPage(serializers.Serializer[Any]):
    """Events in the order of the log."""

    events = EventAnswer(many=True, read_only=True)
    next_cursor = serializers.CharField(read_only=True, help_text="Go on with `after`; there even with no events.")
    has_more = serializers.BooleanField(read_only=True)
    oldest_cursor = serializers.CharField(read_only=True)


class FeedQuery(StrictSerializer):
    after = serializers.CharField(required=False, default="", max_length=200)
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=1000)
    endpoint = serializers.UUIDField(required=False, default=None)
