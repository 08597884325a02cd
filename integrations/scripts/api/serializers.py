"""Scripts and their runs: rows for lists, and the whole of one."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.connections.api.fields import StrictSerializer, SubjectNumber
from integrations.core.platforms import context_kinds
from integrations.scripts.api import visible
from integrations.scripts.models import Script, ScriptCall, ScriptRun
from integrations.sync.api.serializers import WriteRow

BODIES = "bodies:read"
SHOWN, NONE, WITHHELD = "", "NONE", "SCOPE_MISSING"


class RunRow(serializers.ModelSerializer[ScriptRun]):
    script = serializers.SlugField(source="script.slug", read_only=True)
    version = serializers.IntegerField(
        source="version.number", read_only=True, allow_null=True, default=None, help_text="Null before the first try."
    )
    work_order = SubjectNumber("workorder")
    origin = serializers.CharField(read_only=True, help_text="What the list of writes calls it now.")

    class Meta:
        model = ScriptRun
        fields: tuple[str, ...] = (
            "id",
            "script",
            "version",
            "trigger",
            "event_type",
            "source_type",
            "source_id",
            "work_order",
            "reason",
            "collected",
            "state",
            "note",
            "ending",
            "asked_by",
            "attempts",
            "replays",
            "origin",
            "correlation_id",
            "occurred_at",
            "created_at",
            "due_at",
            "first_tried_at",
            "started_at",
            "ended_at",
            "cpu_seconds",
            "wall_seconds",
        )
        read_only_fields = fields


class LogLine(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    level = serializers.CharField()
    message = serializers.CharField()
    data = serializers.JSONField(  # type: ignore[assignment]  # declared fields are taken off the class
        required=False
    )


class OutgoingCall(serializers.ModelSerializer[ScriptCall]):
    """An outgoing call, without what was sent and answered."""

    write = serializers.IntegerField(source="write_id", allow_null=True, read_only=True)

    class Meta:
        model = ScriptCall
        fields: tuple[str, ...] = (
            "attempt",
            "ordinal",
            "kind",
            "title",
            "status",
            "note",
            "milliseconds",
            "write",
            "at",
        )
        read_only_fields = fields


class RunAnswer(RunRow):
    """One run, with what it said, asked, wrote and returned; secrets are masked."""

    error = serializers.JSONField(
        read_only=True, allow_null=True, help_text="`name`, `message`, `line` and `stack`; null if it threw none."
    )
    logs = LogLine(many=True, read_only=True)
    calls = serializers.SerializerMethodField(help_text="In their order.")
    writes = serializers.SerializerMethodField(help_text="All that it asked for, before its replays too.")
    input = serializers.SerializerMethodField(help_text="What it was given; null where `input_missing` says why.")
    input_missing = serializers.SerializerMethodField(
        help_text="`NONE`: it did not begin, or the retention rule deleted it. `SCOPE_MISSING`: the token lacks "
        "bodies:read. Empty: it is shown."
    )

    class Meta(RunRow.Meta):
        fields = (*RunRow.Meta.fields, "result", "error", "logs", "calls", "writes", "input", "input_missing")
        read_only_fields = fields

    @extend_schema_field(OutgoingCall(many=True))
    def get_calls(self, row: ScriptRun) -> Any:
        return OutgoingCall(row.outgoing.defer("request", "answer"), many=True).data

    @extend_schema_field(WriteRow(many=True))
    def get_writes(self, row: ScriptRun) -> Any:
        return WriteRow(visible.writes(row), many=True).data

    @extend_schema_field(serializers.JSONField(allow_null=True))
    def get_input(self, row: ScriptRun) -> Any:
        return row.input if self.get_input_missing(row) == SHOWN else None

    @extend_schema_field(serializers.ChoiceField(choices=[SHOWN, NONE, WITHHELD]))
    def get_input_missing(self, row: ScriptRun) -> str:
        if BODIES not in self.context["request"].auth.scopes:
            return WITHHELD
        return NONE if row.input is None else SHOWN


class ScriptRow(serializers.ModelSerializer[Script]):
    version = serializers.IntegerField(
        source="active_version.number", read_only=True, allow_null=True, default=None, help_text="The published one."
    )
    event_types = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Script
        fields: tuple[str, ...] = ("id", *visible.OF_SCRIPT, "version")
        read_only_fields = fields


class ScriptAnswer(ScriptRow):
    """One script, with the text of its published version."""

    source = serializers.CharField(  # type: ignore[assignment]  # declared fields are taken off the class
        source="active_version.source", read_only=True, allow_null=True, default=None
    )

    class Meta(ScriptRow.Meta):
        fields = (*ScriptRow.Meta.fields, "source")
        read_only_fields = fields


class RunInput(StrictSerializer):
    """What a script is to run on; nothing: on nothing, as the schedule would."""

    source_type = serializers.CharField(
        required=False, max_length=60, help_text="As rows name it, such as `workorder`."
    )
    source_id = serializers.RegexField(
        r"^[1-9][0-9]*$", required=False, max_length=19, help_text="The number of that, as text."
    )

    def validate_source_type(self, value: str) -> str:
        known = sorted(kind.source_type for kind in context_kinds())
        if value not in known:
            raise serializers.ValidationError(f"This is not known here. Known: {', '.join(known)}.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) == 1:
            (missing,) = {"source_type", "source_id"} - set(attrs)
            raise serializers.ValidationError({missing: ["`source_type` and `source_id` go together."]})
        return attrs
