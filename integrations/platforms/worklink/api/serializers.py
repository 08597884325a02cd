"""Sessions and calls as they were last read. The platform's own document is shown with one of them only."""

from rest_framework import serializers

from integrations.connections.api.fields import SubjectNumber
from integrations.platforms.worklink.models import CallSession, ScenarioSession

STORED = (
    "id",
    "connection",
    "work_order",
    "resource_id",
    "database_id",
    "state",
    "started_at",
    "ended_at",
    "seconds",
    "link_check",
    "link_note",
    "after_close",
    "incomplete",
    "generation",
    "read_at",
    "first_seen_at",
    "changed_at",
)
WHOLE = ("external_data", "document")


class SessionRow(serializers.ModelSerializer[ScenarioSession]):
    connection = serializers.SlugField(source="connection.slug", read_only=True)
    work_order = SubjectNumber("workorder")
    state = serializers.CharField(source="vendor_state", read_only=True, help_text="As the platform calls it.")

    class Meta:
        model = ScenarioSession
        fields: tuple[str, ...] = (
            *STORED,
            "session_type",
            "scenario_name",
            "steps_possible",
            "steps_viewed",
            "outcome",
            "users",
        )
        read_only_fields = fields


class SessionAnswer(SessionRow):
    class Meta(SessionRow.Meta):
        fields = (*SessionRow.Meta.fields, *WHOLE)
        read_only_fields = fields


class CallRow(serializers.ModelSerializer[CallSession]):
    connection = serializers.SlugField(source="connection.slug", read_only=True)
    work_order = SubjectNumber("workorder")
    state = serializers.CharField(source="vendor_state", read_only=True, help_text="As the platform calls it.")

    class Meta:
        model = CallSession
        fields: tuple[str, ...] = (*STORED, "connected_at", "participants", "possible_twin")
        read_only_fields = fields


class CallAnswer(CallRow):
    class Meta(CallRow.Meta):
        fields = (*CallRow.Meta.fields, *WHOLE)
        read_only_fields = fields
