"""Writes as the ledger knows them, and what can be decided about them."""

from typing import Any

from rest_framework import serializers

from integrations.connections.api.fields import StrictSerializer, SubjectNumber
from integrations.sync.models import RecordWrite, Verdict

# Shown with one write only.
LARGE = ("content", "given", "request", "answer", "reply", "read_back", "candidates")


class WriteRow(serializers.ModelSerializer[RecordWrite]):
    system = serializers.SlugField(source="lane.connection.slug", read_only=True)
    record = serializers.CharField(source="lane.record_key", read_only=True, help_text="As the system calls it.")
    called = serializers.CharField(read_only=True, help_text="The mapping's name, or the one that a script gave it.")
    work_order = SubjectNumber("workorder")
    verdict = serializers.ChoiceField(choices=[("", "none yet"), *Verdict.choices], read_only=True)

    class Meta:
        model = RecordWrite
        fields: tuple[str, ...] = (
            "id",
            "system",
            "record",
            "called",
            "kind",
            "work_order",
            "state",
            "verdict",
            "note",
            "event_type",
            "reason",
            "origin",
            "source_type",
            "source_id",
            "target_id",
            "answer_status",
            "attempts",
            "sends",
            "decided_by",
            "correlation_id",
            "occurred_at",
            "created_at",
            "first_tried_at",
            "sent_at",
            "ended_at",
        )
        read_only_fields = fields


class WriteAnswer(WriteRow):
    """One write, with what was sent, answered and read back; secrets are masked."""

    class Meta(WriteRow.Meta):
        fields = (*WriteRow.Meta.fields, "key", *LARGE)
        read_only_fields = fields


class DecisionInput(StrictSerializer):
    """What someone found who looked into the system."""

    decision = serializers.ChoiceField(
        choices=[
            ("done", "It is there: the write counts as done."),
            ("send_again", "It is not there: it is sent again, with the same key."),
            ("give_up", "It is not to be written."),
            ("choose", "Which of several records is meant: `record` names it."),
        ],
    )
    record = serializers.CharField(
        required=False, max_length=200, trim_whitespace=False, help_text="For `choose`: the `id` of a candidate."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["decision"] == "choose") is not ("record" in attrs):
            raise serializers.ValidationError({"record": ["It goes with the decision `choose`, and with no other."]})
        return attrs


class ReplayedAnswer(serializers.Serializer[Any]):
    """What a replay of a work order came to."""

    published = serializers.IntegerField(help_text="How many facts were published again; their writes follow.")
