"""What the API takes, strictly, and how it says what a row belongs to."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

BIGGEST = 2**63 - 1


class TimeField(serializers.DateTimeField):
    """ISO 8601. Without an offset it is in `zone`, where there is one, and refused where there is none."""

    default_error_messages = {"offset": "A time without offset says nothing here; write it like 2026-03-01T08:00:00Z."}
    zone: tzinfo | None = None

    def enforce_timezone(self, value: datetime) -> datetime:
        if self.zone is None and timezone.is_naive(value):
            self.fail("offset")
        self.timezone = self.zone or ZoneInfo("UTC")
        return super().enforce_timezone(value).astimezone(ZoneInfo("UTC"))


class KeyField(serializers.IntegerField):
    """The number of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=BIGGEST, **kwargs)


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


@extend_schema_field(OpenApiTypes.INT64)
class SubjectNumber(serializers.ReadOnlyField):
    """The number in a row's `subject`: 7 of `workorder/7`; null where it belongs to nothing of the kind."""

    def __init__(self, kind: str, *, source: str = "subject", **kwargs: Any) -> None:
        super().__init__(source=source, allow_null=True, **kwargs)
        self.kind = kind

    def to_representation(self, value: str) -> int | None:
        kind, _, number = value.partition("/")
        return int(number) if kind == self.kind and number.isdecimal() else None


@extend_schema_serializer(component_name="Problem")
class ProblemAnswer(serializers.Serializer[Any]):
    """An error, as RFC 9457 problem details."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField(help_text="What is wrong, for a person.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="What is wrong, for a program; never renamed.")
    errors = serializers.DictField(  # type: ignore[assignment]  # declared fields are taken off the class
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="By field, such as `title`, or `ids/3` inside a list.",
    )
