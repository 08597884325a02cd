"""What WorkLink told us: sessions, calls, and the photos still to be fetched."""

from collections.abc import Sequence

from django.db import models
from django.db.models import Q, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection
from integrations.core.work import Work, WorkQuerySet


class Stored(models.Model):
    """An object of the CMS: the columns that lists need, and the whole document as it was last read."""

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="+")
    resource_id = models.CharField(max_length=255)
    database_id = models.CharField(max_length=64, blank=True, default="")
    vendor_state = models.CharField(max_length=60, blank=True, default="")
    started_at = models.DateTimeField(null=True, blank=True, db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    external_data = models.JSONField(default=dict)
    document = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True, default="")
    generation = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField()
    incomplete = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True)

    class Meta:
        abstract = True
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource_id"], name="%(app_label)s_%(class)s_is_stored_once"
            ),
        ]

    def __str__(self) -> str:
        return self.database_id or self.resource_id


class SessionType(models.TextChoices):
    PERSISTENT = "PERSISTENT", _("persistent")
    PASSIVE = "PASSIVE", _("passive")
    DEMO = "DEMO", _("demo")


class ScenarioSession(Stored):
    """One run of a scenario by a user, with its steps, answers and photos."""

    session_type = models.CharField(max_length=20, blank=True, default="")
    scenario_name = models.CharField(max_length=300, blank=True, default="")
    steps_possible = models.PositiveIntegerField(null=True, blank=True)
    steps_viewed = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True, default="")
    users = models.JSONField(default=list)

    class Meta(Stored.Meta):
        verbose_name = _("scenario session")


class CallSession(Stored):
    """One remote-assistance call."""

    connected_at = models.DateTimeField(null=True, blank=True)
    participants = models.JSONField(default=list)

    class Meta(Stored.Meta):
        verbose_name = _("call")


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


class Reconciliation(models.Model):
    """One walk over all objects of a type: how many there are, and how many of them no webhook had told us of."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    resource_type = models.CharField(max_length=60)
    cursor = models.CharField(max_length=300, blank=True, default="")
    since = models.DateTimeField(help_text=_("Objects that started earlier are left out."))
    since_persistent = models.DateTimeField(help_text=_("The same for persistent sessions, which may go on for weeks."))
    pages = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    untold = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource_type"],
                condition=Q(finished_at__isnull=True),
                name="worklink_reconciliation_one_at_a_time",
            ),
        ]
        indexes = (
            models.Index(fields=["connection", "resource_type", "-started_at"], name="worklink_reconciliation_latest"),
        )

    def __str__(self) -> str:
        return f"{self.resource_type} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def told(self) -> int:
        return self.seen - self.untold
