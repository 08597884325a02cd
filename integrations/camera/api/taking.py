"""What the API takes. Names that it does not know are ignored: clients were written for another server."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

FEW, MANY = 50, 200
NUMBER, TEXT, IMAGE = "number", "text", "image"


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object, with any content."""

    default_error_messages = {"invalid": "This is a JSON object."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 100}]})
class IdField(serializers.Field[Any, Any, Any, Any]):
    default_error_messages = {"invalid": "This is an id: a number, or a text of at most 100 characters."}

    def to_internal_value(self, data: Any) -> Any:
        number = isinstance(data, int) and not isinstance(data, bool) and abs(data) < 2**63
        if not number and not (isinstance(data, str) and 0 < len(data) <= 100):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({})
class AnyField(serializers.Field[Any, Any, Any, Any]):
    """Any JSON; who uses it checks it."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class StrictText(serializers.CharField):
    """A text, and nothing that could be made one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def texts(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=StrictText(max_length=100), max_length=FEW, required=False, **options)


class OrderChange(serializers.Serializer[Any]):
    """An order as its caller describes it (4.4)."""

    name = StrictText(max_length=128)
    metadata = ObjectField(required=False)
    tags = texts()
    field_engineer_email = serializers.EmailField(
        required=False, allow_null=True, allow_blank=True, max_length=254, help_text="Of an active account."
    )
    user_group_ids = serializers.ListField(child=IdField(), max_length=FEW, required=False)

    def validate_field_engineer_email(self, value: str | None) -> str:
        return value or ""


class OrderDescription(OrderChange):
    work_order_types = texts(source="type_names", help_text="Restricts the tasks.")


class InputData(serializers.Serializer[Any]):
    type = serializers.ChoiceField([IMAGE, TEXT, NUMBER])
    value = AnyField()


class InputEntry(serializers.Serializer[Any]):
    name = StrictText(max_length=100)
    data = InputData()  # type: ignore[assignment]  # declared fields are taken off the class


class AnalysisRequest(serializers.Serializer[Any]):
    """`image_input`: an address of the photo, or a data URI. `context`: the name of its task group (4.6)."""

    inputs = InputEntry(many=True, max_length=20)  # type: ignore[call-arg]  # the stubs lack what `many` takes
    metadata = ObjectField(required=False)

    def validate_inputs(self, entries: list[dict[str, Any]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for entry in entries:
            name, kind, value = entry["name"], entry["data"]["type"], entry["data"]["value"]
            wanted = {"image_input": IMAGE, "context": TEXT}.get(name)
            if wanted is None:
                raise serializers.ValidationError(f"“{name}” is not known here. Known: image_input, context.")
            if name in found or kind != wanted or not isinstance(value, str) or not value:
                raise serializers.ValidationError(f"{name} comes once, with the type {wanted} and a text as its value.")
            found[name] = value
        if missing := {"image_input", "context"} - found.keys():
            raise serializers.ValidationError(f"Missing: {', '.join(sorted(missing))}.")
        return found


class Correction(serializers.Serializer[Any]):
    corrected_value = AnyField(help_text="Of the task's type.")
