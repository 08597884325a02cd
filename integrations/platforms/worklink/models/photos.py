"""The photos of sessions and calls that are still to be fetched."""

from collections.abc import Sequence

from django.db import models
from django.db.models import Q, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection
from integrations.core.work import Work, WorkQuerySet
from integrations.platforms.worklink.models.stored import CallSession, ScenarioSession


class PhotoDownloadQuerySet(WorkQuerySet["PhotoDownload"]):
    def attach(self, rows: "Sequence[PhotoDownload]") -> None:
        prefetch_related_objects(rows, "session", "call")
        for row in rows:
            row.parent.connection = Connection.remembered(row.parent.connection_id)


class PhotoDownload(Work):
    """One photo of a session, or of a call, that is to be fetched before its link expires."""

    session = models.ForeignKey(ScenarioSession, models.CASCADE, null=True, blank=True, related_name="downloads")
    call = models.ForeignKey(CallSession, models.CASCADE, null=True, blank=True, related_name="downloads")
    event_id = models.CharField(max_length=255)
    label = models.CharField(max_length=300, blank=True, default="")
    taken_at = models.DateTimeField(null=True, blank=True)
    url = models.TextField()
    link_read_at = models.DateTimeField(default=timezone.now)
    refetched = models.BooleanField(default=False)

    objects = PhotoDownloadQuerySet.as_manager()

    class Meta(Work.Meta):
        verbose_name = _("photo download")
        constraints = [
            models.UniqueConstraint(fields=["session", "event_id"], name="worklink_photodownload_is_one_per_photo"),
            models.UniqueConstraint(fields=["call", "event_id"], name="worklink_photodownload_is_one_per_screenshot"),
            models.CheckConstraint(
                condition=Q(session__isnull=True) ^ Q(call__isnull=True), name="worklink_photodownload_has_one_parent"
            ),
        ]
        indexes = [*Work.Meta.indexes, models.Index(fields=["event_id"], name="photodownload_event_id")]

    def __str__(self) -> str:
        return self.label or self.event_id

    @property
    def parent(self) -> ScenarioSession | CallSession:
        parent = self.session or self.call
        assert parent is not None  # the check constraint
        return parent

    @property
    def source_type(self) -> str:
        return "worklink.session" if self.session_id else "worklink.call"
