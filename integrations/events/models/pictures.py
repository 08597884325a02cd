"""Pictures that recognition events name, kept here before the platform drops them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection, Workspace
from integrations.core.work import Work, WorkQuerySet, WorkState

PICTURE_TASK = "pictures.fetch"


class Standing(models.TextChoices):
    WAITING = "WAITING", _("waits")
    STORED = "STORED", _("stored")
    FAILED = "FAILED", _("not fetched")
    EXPIRED = "EXPIRED", _("expired")


class Picture(Work):
    """One picture of a workspace, to be fetched from the platform of `connection`; the slow work is the fetching.

    `address`: path and query there, below the connection's own. `named_at`: when the last event came that names it; its
    age is counted from there. With `expired_at` the file is gone and the row says so.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="pictures", editable=False)
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, related_name="+", editable=False)
    image_id = models.UUIDField(_("image"), editable=False)
    address = models.TextField(editable=False)
    file = models.FileField(max_length=200, blank=True, default="", editable=False)
    content_type = models.CharField(max_length=40, blank=True, default="", editable=False)
    bytes = models.PositiveIntegerField(null=True, editable=False)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    named_at = models.DateTimeField(default=timezone.now, editable=False)
    stored_at = models.DateTimeField(null=True, db_index=True, editable=False)
    expired_at = models.DateTimeField(null=True, db_index=True, editable=False)

    objects = WorkQuerySet["Picture"].as_manager()

    class Meta(Work.Meta):
        verbose_name = _("picture")
        constraints = [
            models.UniqueConstraint(fields=["image_id", "workspace"], name="events_picture_is_one_per_image"),
            models.CheckConstraint(
                condition=~Q(state=WorkState.DONE) | ~Q(file=""), name="events_picture_that_is_done_has_a_file"
            ),
            models.CheckConstraint(
                condition=Q(expired_at__isnull=True) | Q(file=""), name="events_picture_that_expired_has_no_file"
            ),
        ]
        indexes = [
            *Work.Meta.indexes,
            models.Index(fields=["named_at"], condition=Q(expired_at__isnull=True), name="events_picture_named_at"),
        ]

    def __str__(self) -> str:
        return str(self.image_id)

    @property
    def standing(self) -> Standing:
        """What a person, or whoever follows a link, has to know: a stored one is served even while fetched again."""
        if self.file:
            return Standing.STORED
        if self.expired_at:
            return Standing.EXPIRED
        return Standing.FAILED if self.state == WorkState.FAILED else Standing.WAITING

    @property
    def file_name(self) -> str:
        return f"{self.image_id}.{'png' if self.content_type == 'image/png' else 'jpg'}"
