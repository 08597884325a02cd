"""ZIP files of many orders: on their way, then taken in one photo after another."""

from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.camera.models.keys import ApiKey
from integrations.core.work import Work, WorkQuerySet

BATCH_TASK = "camera.take_batch"


class BatchState(models.TextChoices):
    UPLOADING = "uploading", _("on its way")
    PROCESSING = "processing", _("being taken in")
    DONE = "done", _("done")
    FAILED = "failed", _("refused")


class Batch(models.Model):
    """One ZIP file. `received` bytes of `size` are on the disk; `taken` of its `photos` have become inputs, or not."""

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="batches")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    filename = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.UPLOADING)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    received = models.PositiveBigIntegerField(default=0)
    photos = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    orders = models.JSONField(default=list, blank=True, help_text=_("name and id of each order that was made"))
    problems = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.filename or str(self.uuid)

    @property
    def path(self) -> str:
        """Its file in the folder of uploads."""
        return f"{self.uuid}.zip"


class BatchRun(Work):
    """The slow work of taking a batch in."""

    batch = models.OneToOneField(Batch, models.CASCADE, related_name="run")

    objects = WorkQuerySet["BatchRun"].as_manager()

    class Meta(Work.Meta):
        verbose_name = _("batch run")

    def __str__(self) -> str:
        return str(self.batch)
