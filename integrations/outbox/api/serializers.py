"""Deliveries with their attempts, and what is taken to send them again. Bodies are shown with one delivery only."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.connections.api.fields import KeyField, StrictSerializer, SubjectNumber, TimeField
from integrations.outbox.models import Attempt, Delivery, Resend

MOST_NAMED = 1000
MOST_ATTEMPTS = 100
BODIES = "bodies:read"


class DeliveryRow(serializers.ModelSerializer[Delivery]):
    destination_name = serializers.CharField(source="destination.name", read_only=True)
    endpoint_id = serializers.UUIDField(source="destination.uid", read_only=True, help_text="`X-Endpoint-Id`.")
    event_id = serializers.CharField(source="message.uid", read_only=True, help_text="`X-Event-Id`.")
    event_type = serializers.CharField(source="message.type", read_only=True)
    cursor = serializers.CharField(source="message.cursor", read_only=True)
    correlation_id = serializers.CharField(source="message.correlation_id", read_only=True)
    work_order = SubjectNumber("workorder")

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            "id",
            "destination",
            "destination_name",
            "endpoint_id",
            "event_id",
            "event_type",
            "cursor",
            "work_order",
            "state",
            "note",
            "attempts",
            "correlation_id",
            "queued_at",
            "due_at",
            "first_tried_at",
            "ended_at",
        )
        read_only_fields = fields


class AttemptRow(serializers.ModelSerializer[Attempt]):
    answer_headers = serializers.DictField(source="answer.headers", default=dict, read_only=True)

    class Meta:
        model = Attempt
        fields = ("number", "at", "ms", "delivered", "status", "note", "answer_headers")
        read_only_fields = fields


class DeliveryAnswer(DeliveryRow):
    attempt_log = serializers.SerializerMethodField(help_text=f"The newest {MOST_ATTEMPTS}, the oldest of them first.")
    body = serializers.SerializerMethodField(help_text="What is sent; null for a token without `bodies:read`.")

    class Meta(DeliveryRow.Meta):
        fields = (*DeliveryRow.Meta.fields, "attempt_log", "body")
        read_only_fields = fields

    @extend_schema_field(AttemptRow(many=True))
    def get_attempt_log(self, row: Delivery) -> Any:
        newest = row.attempt_log.order_by("-pk")[:MOST_ATTEMPTS]
        return AttemptRow(list(newest)[::-1], many=True).data

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_body(self, row: Delivery) -> str | None:
        return row.message.body if BODIES in self.context["request"].auth.scopes else None


class ResendInput(StrictSerializer):
    """Either deliveries by their numbers, or a time range; the latter may be narrowed."""

    deliveries = serializers.ListField(child=KeyField(), required=False, min_length=1, max_length=MOST_NAMED)
    created_since = TimeField(required=False, help_text="With offset; of messages made at this time or later.")
    created_before = TimeField(required=False, help_text="With offset; of messages made earlier than this time.")
    destination = KeyField(required=False, help_text="Number of the only destination.")
    everything = serializers.BooleanField(
        required=False, help_text="False by default: what was not delivered; true: what was delivered too."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "deliveries" in attrs:
            if len(attrs) > 1:
                raise serializers.ValidationError({"deliveries": ["They are named: nothing else narrows them."]})
        elif not {"created_since", "created_before"} <= set(attrs):
            raise serializers.ValidationError("Give `deliveries`, or both `created_since` and `created_before`.")
        elif attrs["created_since"] >= attrs["created_before"]:
            raise serializers.ValidationError({"created_before": ["It must be after `created_since`."]})
        return attrs


class ResendAnswer(serializers.ModelSerializer[Resend]):
    """A resend. Done when its `state` is `DONE`: each delivery then goes its own way."""

    url = serializers.HyperlinkedIdentityField(view_name="outbox:resend", help_text="Ask here how far it is.")
    created_since = serializers.DateTimeField(source="start", read_only=True)
    created_before = serializers.DateTimeField(source="end", read_only=True)
    total = serializers.IntegerField(read_only=True, help_text="How many there were when it was asked for.")

    class Meta:
        model = Resend
        fields = (
            "id",
            "url",
            "state",
            "note",
            "total",
            "looked_at",
            "resent",
            "created_since",
            "created_before",
            "destination",
            "everything",
            "asked_by",
            "stopped_by",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields
