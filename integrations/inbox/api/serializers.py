"""Received webhooks, and what is taken to replay them. Headers and bodies are shown with one webhook only."""

import base64
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.connections.api.fields import KeyField, StrictSerializer, SubjectNumber, TimeField
from integrations.inbox import shown
from integrations.inbox.models import ReceivedWebhook, Replay

MOST_NAMED = 1000
BODIES = "bodies:read"
KEPT, DELETED, WITHHELD = "", "DELETED", "SCOPE_MISSING"


class WebhookRow(serializers.ModelSerializer[ReceivedWebhook]):
    source_name = serializers.CharField(source="source.name", read_only=True)
    connection = serializers.SlugField(source="source.connection.slug", read_only=True)
    work_order = SubjectNumber("workorder")

    class Meta:
        model = ReceivedWebhook
        fields: tuple[str, ...] = (
            "id",
            "source",
            "source_name",
            "connection",
            "work_order",
            "state",
            "note",
            "resource_type",
            "resource_id",
            "verb",
            "delivery_key",
            "body_size",
            "attempts",
            "replays",
            "correlation_id",
            "received_at",
            "finished_at",
        )
        read_only_fields = fields


class HeaderAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.CharField(help_text="`•••` where it carries a secret.")


class RequestAnswer(serializers.Serializer[Any]):
    """A request as it came."""

    headers = HeaderAnswer(many=True)
    query = serializers.CharField()
    body = serializers.CharField()
    encoding = serializers.ChoiceField(choices=["utf-8", "base64"], help_text="Of `body`.")


class WebhookAnswer(WebhookRow):
    request = serializers.SerializerMethodField(help_text="Null where `request_missing` says why.")
    request_missing = serializers.SerializerMethodField(
        help_text="`DELETED`: by the retention rule. `SCOPE_MISSING`: the token lacks bodies:read. Empty: it is shown."
    )

    class Meta(WebhookRow.Meta):
        fields = (*WebhookRow.Meta.fields, "request", "request_missing")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=[KEPT, DELETED, WITHHELD]))
    def get_request_missing(self, row: ReceivedWebhook) -> str:
        if BODIES not in self.context["request"].auth.scopes:
            return WITHHELD
        return DELETED if row.body_deleted else KEPT

    @extend_schema_field(RequestAnswer(allow_null=True))
    def get_request(self, row: ReceivedWebhook) -> dict[str, Any] | None:
        if self.get_request_missing(row) != KEPT:
            return None
        secret = row.source.verification_options.get("header", "")
        headers = [{"name": name, "value": value} for name, value in shown.masked(row.headers, also=secret)]
        return {"headers": headers, "query": row.query} | _body(bytes(row.body))


def _body(raw: bytes) -> dict[str, str]:
    try:
        return {"body": raw.decode(), "encoding": "utf-8"}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(raw).decode(), "encoding": "base64"}


class ReplayInput(StrictSerializer):
    """Either webhooks by their numbers, or a time range; the latter may be narrowed."""

    webhooks = serializers.ListField(child=KeyField(), required=False, min_length=1, max_length=MOST_NAMED)
    received_since = TimeField(required=False, help_text="With offset; received at this time or later.")
    received_before = TimeField(required=False, help_text="With offset; received earlier than this time.")
    source = KeyField(  # type: ignore[assignment]  # declared fields are taken off the class
        required=False, help_text="Number of the only source."
    )
    only_failed = serializers.BooleanField(required=False, help_text="True by default; false: all that have ended.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "webhooks" in attrs:
            if len(attrs) > 1:
                raise serializers.ValidationError({"webhooks": ["They are named: nothing else narrows them."]})
        elif not {"received_since", "received_before"} <= set(attrs):
            raise serializers.ValidationError("Give `webhooks`, or both `received_since` and `received_before`.")
        elif attrs["received_since"] >= attrs["received_before"]:
            raise serializers.ValidationError({"received_before": ["It must be after `received_since`."]})
        return attrs


class ReplayAnswer(serializers.ModelSerializer[Replay]):
    """A replay. Done when its `state` is `DONE`: each webhook then goes its own way."""

    url = serializers.HyperlinkedIdentityField(view_name="inbox:replay", help_text="Ask here how far it is.")
    received_since = serializers.DateTimeField(source="start", read_only=True)
    received_before = serializers.DateTimeField(source="end", read_only=True)
    total = serializers.IntegerField(read_only=True, help_text="How many there were when it was asked for.")

    class Meta:
        model = Replay
        fields = (
            "id",
            "url",
            "state",
            "note",
            "total",
            "looked_at",
            "replayed",
            "received_since",
            "received_before",
            "source",
            "only_failed",
            "asked_by",
            "stopped_by",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields
