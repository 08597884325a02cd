"""How answers look in the OpenAPI document (4.5 to 4.8)."""

from typing import Any

from rest_framework import serializers

from integrations.camera.api.taking import AnyField, IdField, ObjectField
from integrations.camera.models import OutcomeType

Texts = serializers.ListField


class MessageAnswer(serializers.Serializer[Any]):
    severity = serializers.ChoiceField(["error", "warning"])
    code = serializers.CharField()
    message = serializers.CharField()


class StateAnswer(serializers.Serializer[Any]):
    analyzed_value = AnyField(allow_null=True)
    corrected_value = AnyField(allow_null=True)
    message = serializers.CharField(help_text="Of the rule that the value that counts matches; or empty.")
    is_conformity_validated = serializers.BooleanField()
    regions = serializers.ListField(child=AnyField())


class TaskAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Of this version of the catalogue; names stay.")
    name = serializers.CharField()
    outcome_type = serializers.ChoiceField(OutcomeType.values)
    mandatory = serializers.BooleanField()
    state = StateAnswer()


class GroupReference(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    tasks = Texts(child=serializers.UUIDField())


class InputAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    work_item_id = serializers.UUIDField()
    url = serializers.URLField(allow_null=True, help_text="Signed, and expires.")
    context = serializers.CharField(help_text="The name of its task group.")  # type: ignore[assignment]  # taken off the class
    create_date = serializers.DateTimeField()
    metadata = ObjectField()
    conformity_messages = MessageAnswer(many=True)


class OrderAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    site_id = serializers.UUIDField()
    create_date = serializers.DateTimeField()
    update_date = serializers.DateTimeField()
    review_date = serializers.DateTimeField(allow_null=True)
    first_analysis_id = serializers.UUIDField(allow_null=True)
    latest_analysis_id = serializers.UUIDField(allow_null=True)
    assigned_user_id = serializers.IntegerField(allow_null=True)
    field_engineer_email = serializers.CharField()
    user_group_ids = serializers.ListField(child=IdField())
    work_order_types = Texts(child=serializers.CharField())
    engage_app_id = serializers.UUIDField(help_text="Of the catalogue version that the order began with.")
    tags = Texts(child=serializers.CharField())
    parameters = ObjectField()
    metadata = ObjectField()
    progress_score = serializers.IntegerField(min_value=0, max_value=100)
    task_groups = GroupReference(many=True)
    tasks = TaskAnswer(many=True)
    inputs = InputAnswer(many=True)


class AnalysisAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    input_id = serializers.UUIDField()
    progress_score = serializers.IntegerField(min_value=0, max_value=100)
    conformity_messages = MessageAnswer(many=True)
    tasks = TaskAnswer(many=True)


class CorrectionAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = StateAnswer()


class RuleAnswer(serializers.Serializer[Any]):
    schema = ObjectField()
    sentence = serializers.CharField()
    color = serializers.CharField()
    not_analyzed = serializers.BooleanField()
    is_conformity_validated = serializers.BooleanField()


class GuidedTask(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    sentence = serializers.CharField()
    mandatory = serializers.BooleanField()
    only_for_dashboard = serializers.BooleanField()
    conformity_status = serializers.BooleanField()
    outcome_display = serializers.CharField()
    outcome_type = serializers.ChoiceField(OutcomeType.values)
    outcome_validation = RuleAnswer(many=True)


class GroupAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    display_name = serializers.CharField()
    description = serializers.CharField()
    order = serializers.IntegerField()
    input_examples = Texts(child=serializers.URLField())
    tasks = GuidedTask(many=True)
