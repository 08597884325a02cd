"""Items as programs see them: a row for lists; one of them with its order, its photos, and what was said of each."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.camera.models import Analysis, AnalysisState, FieldOrder, Input, TaskOutcome, WorkItem
from integrations.camera.protocol import verdicts
from integrations.camera.services import facts, links
from integrations.connections.api.fields import SubjectNumber
from integrations.workorders.links import photo_link
from integrations.workorders.models import Photo

UNKNOWN = "Null until an analysis is done."


class ItemRow(serializers.ModelSerializer[WorkItem]):
    item = serializers.UUIDField(source="uuid", read_only=True, help_text="What callbacks call it.")
    order = serializers.UUIDField(source="order.uuid", read_only=True, help_text="The camera's order.")
    order_name = serializers.CharField(source="order.name", read_only=True, help_text="As the field app calls it.")
    site = serializers.SlugField(source="order.site.slug", read_only=True)
    group = serializers.CharField(source="group.name", read_only=True, help_text="The type of photo.")
    work_order = SubjectNumber("workorder", source="order.subject")
    status = serializers.SerializerMethodField(help_text=UNKNOWN)
    score = serializers.IntegerField(read_only=True, allow_null=True, help_text=f"0 to 100. {UNKNOWN}")
    photos = serializers.IntegerField(read_only=True, help_text="How many were submitted.")

    class Meta:
        model = WorkItem
        fields: tuple[str, ...] = (
            "id",
            "item",
            "order",
            "order_name",
            "site",
            "group",
            "work_order",
            "status",
            "score",
            "photos",
            "created_at",
            "changed_at",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_status(self, row: WorkItem) -> str | None:
        return row.status or None


class ItemOrder(serializers.ModelSerializer[FieldOrder]):
    """The order as the camera knows it. Its metadata is what the field app sent; nobody has verified it."""

    version = serializers.IntegerField(source="version.number", read_only=True, help_text="Of the site's catalogue.")
    type_names = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = FieldOrder
        fields = ("version", "metadata", "tags", "type_names", "progress_score", "created_at", "changed_at")
        read_only_fields = fields


class ItemMessage(serializers.Serializer[Any]):
    """What a conformity check found."""

    severity = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ItemTask(serializers.Serializer[Any]):
    """What counts of one task: a person's correction over the engine's value."""

    task = serializers.CharField(help_text="Its name in the catalogue.")
    sentence = serializers.CharField()
    value = serializers.JSONField(allow_null=True, help_text="Null: nothing was decided.")
    validated = serializers.BooleanField()
    text = serializers.CharField(help_text="What the rule that decided says; empty if none fits.")
    analyzed_value = serializers.JSONField(allow_null=True)
    corrected_by = serializers.CharField(help_text="Empty: nobody.")
    corrected_at = serializers.DateTimeField(allow_null=True)
    regions = serializers.JSONField()


class ItemAnalysis(serializers.ModelSerializer[Analysis]):
    analysis = serializers.UUIDField(source="uuid", read_only=True)
    messages = ItemMessage(source="conformity_messages", many=True, read_only=True)
    status = serializers.SerializerMethodField(help_text=UNKNOWN)
    score = serializers.SerializerMethodField(help_text=f"0 to 100. {UNKNOWN}")
    tasks = serializers.SerializerMethodField(help_text="Those that the order's types ask for.")

    class Meta:
        model = Analysis
        fields = (
            "analysis",
            "engine",
            "state",
            "note",
            "messages",
            "status",
            "score",
            "tasks",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields

    def _judged(self, row: Analysis) -> verdicts.ItemFacts | None:
        """Return what the verdict is made from; None while there is none."""
        item: WorkItem = self.context["item"]
        return facts.item_facts(item.order, item.group, row) if row.state == AnalysisState.DONE else None

    def get_status(self, row: Analysis) -> str | None:
        judged = self._judged(row)
        return verdicts.status(judged).value if judged else None

    def get_score(self, row: Analysis) -> int | None:
        judged = self._judged(row)
        return verdicts.score(judged) if judged else None

    @extend_schema_field(ItemTask(many=True))
    def get_tasks(self, row: Analysis) -> Any:
        judged = self._judged(row)
        rows = {each.task.name: each for each in row.outcomes.all()}
        said = verdicts.verdicts(judged) if judged else ()
        return ItemTask([_task(each, rows[each.name]) for each in said if each.name in rows], many=True).data


def _task(judged: verdicts.TaskVerdict, row: TaskOutcome) -> dict[str, Any]:
    return {
        "task": judged.name,
        "sentence": row.task.sentence("en"),
        "value": judged.value,
        "validated": judged.validated,
        "text": judged.rule.sentence("en") if judged.rule else "",
        "analyzed_value": row.analyzed_value,
        "corrected_by": row.corrected_by,
        "corrected_at": row.corrected_at,
        "regions": row.regions,
    }


class ItemInput(serializers.ModelSerializer[Input]):
    """One submitted photo or PDF, with its analyses, oldest first."""

    input = serializers.UUIDField(source="uuid", read_only=True, help_text="What callbacks call it.")
    photo = serializers.SerializerMethodField(help_text="Its number among the photos; null: a PDF, or deleted.")
    link = serializers.SerializerMethodField(help_text="The picture or PDF, for whoever has the address; null: gone.")
    small_link = serializers.SerializerMethodField(help_text="The picture, small; null of a PDF.")
    analyses = serializers.SerializerMethodField()

    class Meta:
        model = Input
        fields = (
            "input",
            "number",
            "photo",
            "content_type",
            "bytes",
            "sha256",
            "taken_at",
            "created_at",
            "link",
            "small_link",
            "analyses",
        )
        read_only_fields = fields

    def _photo(self, row: Input) -> Photo | None:
        pictures: dict[int, Photo] = self.context["pictures"]
        return pictures.get(row.photo_id or 0)

    def get_photo(self, row: Input) -> int | None:
        picture = self._photo(row)
        return picture.pk if picture else None

    def get_link(self, row: Input) -> str | None:
        if picture := self._photo(row):
            return photo_link(picture)
        path = links.document_path(row)
        return f"{settings.PUBLIC_URL}{path}" if path else None

    def get_small_link(self, row: Input) -> str | None:
        picture = self._photo(row)
        return photo_link(picture, size="small") if picture else None

    @extend_schema_field(ItemAnalysis(many=True))
    def get_analyses(self, row: Input) -> Any:
        rows = sorted(row.analyses.all(), key=lambda each: each.pk)
        return ItemAnalysis(rows, many=True, context=self.context).data


class ItemAnswer(ItemRow):
    """One expected photo, with its order and all that was submitted for it, oldest first."""

    of_order = ItemOrder(source="order", read_only=True)
    inputs = serializers.SerializerMethodField()

    class Meta(ItemRow.Meta):
        fields = (*ItemRow.Meta.fields, "of_order", "inputs")
        read_only_fields = fields

    @extend_schema_field(ItemInput(many=True))
    def get_inputs(self, row: WorkItem) -> Any:
        inputs = sorted(row.inputs.all(), key=lambda each: each.number)
        pictures = Photo.objects.in_bulk([each.photo_id for each in inputs if each.photo_id])
        return ItemInput(inputs, many=True, context={"item": row, "pictures": pictures}).data
