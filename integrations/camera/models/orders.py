"""Orders as the camera sees them, their expected photos, what was submitted, and what the analyses said."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.camera.models.catalogue import SCORE, CatalogueVersion, Site, Task, TaskGroup
from integrations.camera.models.keys import ApiKey
from integrations.core.ids import current_correlation_id
from integrations.core.work import Work, WorkQuerySet

ANALYSE_TASK = "camera.analyse"
ORDER_SOURCE, ITEM_SOURCE = "camera.order", "camera.item"


class FieldOrder(models.Model):
    """One field intervention (the vendor's "work order"). `subject`: the work order of ours that it was joined to."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="orders")
    version = models.ForeignKey(CatalogueVersion, models.PROTECT, related_name="orders")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=128)
    metadata = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=list, blank=True)
    type_names = models.JSONField(default=list, blank=True)
    field_engineer_email = models.CharField(max_length=254, blank=True, default="")
    user_group_ids = models.JSONField(default=list, blank=True)
    external_id = models.CharField(
        max_length=120, blank=True, default="", help_text=_("What the engine's vendor calls it.")
    )
    token = models.ForeignKey("ConnectorToken", models.SET_NULL, null=True, blank=True, related_name="orders")
    api_key = models.ForeignKey(
        ApiKey, models.PROTECT, null=True, blank=True, related_name="orders", help_text=_("Made by the REST API.")
    )
    progress_score = models.PositiveSmallIntegerField(default=0, validators=SCORE)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    changed_at = models.DateTimeField(default=timezone.now)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True)
    correlation_id = models.CharField(max_length=40, blank=True, default=current_correlation_id)

    class Meta:
        verbose_name = _("field order")
        # Nobody changes one in the admin: these are the rights of users of the REST API.
        default_permissions = ("view", "add", "change", "delete")

    def __str__(self) -> str:
        return self.name


class WorkItem(models.Model):
    """One expected photo of one order. Status and score are those of its last completed analysis."""

    order = models.ForeignKey(FieldOrder, models.CASCADE, related_name="items")
    group = models.ForeignKey(TaskGroup, models.PROTECT, related_name="items")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    status = models.CharField(max_length=20, blank=True, default="", help_text=_("Empty until an analysis is done."))
    score = models.PositiveSmallIntegerField(null=True, blank=True, validators=SCORE)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("work item")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.group} of {self.order}"


class Input(models.Model):
    """One submitted photo or PDF; append-only.

    Its picture is a `workorders.Photo` of the source "camera.order", named by our `uuid`, so that it follows the
    order's join; a PDF is a `document`. `number` counts the inputs of an item: the callback names the last one.
    """

    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="inputs")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    visit = models.ForeignKey("Visit", models.SET_NULL, null=True, blank=True, related_name="inputs")
    number = models.PositiveIntegerField()
    client_key = models.CharField(max_length=64, blank=True, default="", help_text=_("Chosen by the device."))
    photo_id = models.PositiveBigIntegerField(null=True, blank=True)
    document = models.FileField(max_length=200, blank=True)
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    metadata = models.JSONField(default=dict, blank=True, help_text=_("What the REST API's caller said of it."))
    measures = models.JSONField(default=dict, blank=True, help_text=_("What the conformity checks measured."))
    fingerprint = models.CharField(
        max_length=32, blank=True, default="", help_text=_("Similar photos have similar ones.")
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("input")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="camera_input_number_is_given_once"),
            models.UniqueConstraint(
                fields=["item", "client_key"], condition=~Q(client_key=""), name="camera_input_is_sent_once"
            ),
        ]

    def __str__(self) -> str:
        return f"input {self.number} of {self.item_id}"


class AnalysisState(models.TextChoices):
    RUNNING = "RUNNING", _("running")
    REVIEW = "REVIEW", _("waits for a person")
    REFUSED = "REFUSED", _("the photo cannot be used")
    DONE = "DONE", _("done")
    FAILED = "FAILED", _("failed")


class Analysis(models.Model):
    """One analysis of one input: conformity messages first and, if they allow it, an outcome for each task."""

    input = models.ForeignKey(Input, models.CASCADE, related_name="analyses")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    engine = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=AnalysisState, default=AnalysisState.RUNNING)
    conformity_messages = models.JSONField(default=list, help_text=_("severity, code, message of each"))
    external_id = models.CharField(max_length=120, blank=True, default="")
    note = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("analysis")
        default_permissions = ("view",)
        indexes = (models.Index(fields=["created_at"], condition=Q(state="REVIEW"), name="camera_analysis_to_review"),)

    def __str__(self) -> str:
        return f"analysis {self.pk}"


class TaskOutcome(models.Model):
    """What one analysis said of one task, and what a person put over it. A correction is final."""

    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="outcomes")
    task = models.ForeignKey(Task, models.PROTECT, related_name="+")
    analyzed_value = models.JSONField(null=True, blank=True)
    corrected_value = models.JSONField(null=True, blank=True)
    corrected_by = models.CharField(max_length=150, blank=True, default="")
    corrected_at = models.DateTimeField(null=True, blank=True)
    regions = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("outcome")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["analysis", "task"], name="camera_taskoutcome_is_one_per_task")]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.corrected_value if self.corrected_at else self.analyzed_value}"

    @property
    def value(self) -> object:
        """The value that counts."""
        return self.corrected_value if self.corrected_at else self.analyzed_value


class AnalysisRun(Work):
    """The slow work of one analysis."""

    analysis = models.OneToOneField(Analysis, models.CASCADE, related_name="run")
    step = models.CharField(max_length=60, blank=True, default="", help_text=_("Shown to whoever waits."))

    objects = WorkQuerySet["AnalysisRun"].as_manager()

    class Meta(Work.Meta):
        verbose_name = _("analysis run")

    def __str__(self) -> str:
        return f"run of {self.analysis_id}"
