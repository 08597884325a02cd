"""What a site's field workers photograph: types of photo with their tasks, versioned as a whole.

Vocabulary and field names follow sections 1 and 4.5 of the vendor sheet.
"""

from typing import Any
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection, Workspace, default_workspace_id


class Site(models.Model):
    """One deployment of an application. Its connection names the system of record that its orders belong to."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, default=default_workspace_id)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    connection = models.OneToOneField(Connection, models.PROTECT, related_name="camera_site")
    active_version = models.ForeignKey(
        "CatalogueVersion", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    metadata_schema = models.JSONField(
        default=dict, blank=True, help_text=_('Declared metadata: {"region": {"type": "text", "required": true}}.')
    )
    require_metadata = models.BooleanField(
        default=False, help_text=_("Refuse a visit that lacks metadata declared as required.")
    )
    strict_names = models.BooleanField(default=True, help_text=_("Orders made by REST: letters, digits, _ and -."))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("site")

    def __str__(self) -> str:
        return self.name


class CatalogueVersion(models.Model):
    """One version of a site's catalogue. An order keeps the version that it began with; ids change, names do not."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True, default="")
    author = models.CharField(max_length=150, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("catalogue version")
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["site", "number"], name="camera_catalogueversion_number_is_given_once"),
            models.UniqueConstraint(
                fields=["site"], condition=Q(published_at__isnull=True), name="camera_catalogueversion_has_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site}, version {self.number}"


class Engine(models.TextChoices):
    """Who decides on the tasks of a photo, after the conformity checks."""

    REVIEW = "REVIEW", _("manual review")
    CODE = "CODE", _("barcode, QR or DataMatrix")
    SIMILAR = "SIMILAR", _("similar to the example")
    HTTP = "HTTP", _("a model behind HTTP")
    DEEPOMATIC = "DEEPOMATIC", _("Deepomatic")
    HAND_OVER = "HAND_OVER", _("hand over to the vendor's camera")


class TaskGroup(models.Model):
    """A type of photo: what to show the worker, which checks it must pass, and who decides on its tasks."""

    version = models.ForeignKey(CatalogueVersion, models.CASCADE, related_name="groups")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=128, help_text=_("The stable key; case counts."))
    order = models.PositiveSmallIntegerField(default=0)
    texts = models.JSONField(
        default=dict,
        blank=True,
        help_text=_('By language: {"en": {"display_name": "…", "description": "…"}, "fr": {…}}.'),
    )
    guide = models.CharField(max_length=20, blank=True, default="", help_text=_("Framing guide: frame, circle, card."))
    checks = models.JSONField(default=dict, blank=True, help_text=_("Conformity checks with severity and threshold."))
    engine = models.CharField(max_length=10, choices=Engine, default=Engine.REVIEW)
    engine_connection = models.ForeignKey(Connection, models.PROTECT, null=True, blank=True, related_name="+")
    engine_settings = models.JSONField(default=dict, blank=True)
    allow_pdf = models.BooleanField(default=False, help_text=_("A PDF of up to 8 MB is accepted too."))
    may_correct = models.BooleanField(default=True, help_text=_("The field worker may correct a verdict."))

    class Meta:
        verbose_name = _("task group")
        ordering = ("order", "pk")
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="camera_taskgroup_name_is_taken"),
        ]

    def __str__(self) -> str:
        return self.name

    def text(self, name: str, language: str) -> str:
        """Return a text in this language, else in English, else in any; empty if there is none."""
        for each in (language, "en", *self.texts):
            if value := (self.texts.get(each) or {}).get(name):
                return str(value)
        return ""


class Example(models.Model):
    """An example photo of a task group, cleaned like every picture; files are shared between versions."""

    FOLDER = "camera/examples"

    group = models.ForeignKey(TaskGroup, models.CASCADE, related_name="examples")
    file = models.FileField(max_length=200)
    thumbnail = models.FileField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"example {self.pk}"


class OutcomeType(models.TextChoices):
    BOOLEAN = "Boolean"
    TEXT = "Text"
    NUMBER = "Number"


class Task(models.Model):
    """One checkpoint with one typed result. The first rule of `outcome_validation` that matches a value decides."""

    group = models.ForeignKey(TaskGroup, models.CASCADE, related_name="tasks")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=128)
    order = models.PositiveSmallIntegerField(default=0)
    sentences = models.JSONField(default=dict, blank=True, help_text=_('By language: {"en": "Is the seal present?"}.'))
    outcome_type = models.CharField(max_length=8, choices=OutcomeType, default=OutcomeType.BOOLEAN)
    outcome_validation = models.JSONField(default=list, blank=True)
    mandatory = models.BooleanField(default=True)
    only_for_dashboard = models.BooleanField(default=False)
    conformity_status = models.BooleanField(default=True, help_text=_("Counts in the score."))
    type_names = models.JSONField(default=list, blank=True, help_text=_("Work order types; empty: all."))

    class Meta:
        verbose_name = _("task")
        ordering = ("order", "pk")
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="camera_task_name_is_taken")]

    def __str__(self) -> str:
        return self.name

    def sentence(self, language: str) -> str:
        return str(self.sentences.get(language) or self.sentences.get("en") or self.name)

    def rules(self) -> list[dict[str, Any]]:
        return [rule for rule in self.outcome_validation or [] if isinstance(rule, dict)]


SCORE = [MinValueValidator(0), MaxValueValidator(100)]
