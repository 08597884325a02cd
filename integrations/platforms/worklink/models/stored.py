"""What WorkLink told us: sessions and calls, as they were last read."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection
from integrations.platforms.worklink.models.links import IssuedLink


class LinkCheck(models.TextChoices):
    """What the `lnk` of a session's or call's external data says of the link that it was started from."""

    NONE = "none", _("no issued link")
    ISSUED = "issued", _("issued link")
    EDITED = "edited", _("edited link")
    FOREIGN = "foreign", _("foreign link")


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
    link_check = models.CharField(max_length=8, choices=LinkCheck, default=LinkCheck.NONE)
    link_note = models.CharField(max_length=300, blank=True, default="")
    issued_link = models.ForeignKey(IssuedLink, models.SET_NULL, null=True, blank=True, related_name="+")
    after_close = models.BooleanField(default=False, help_text=_("It began when its work order was closed already."))
    document = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True, default="")
    generation = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField()
    incomplete = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    # What views for analysts unpack, by which version of the translation it was made, and when the row last changed.
    translation = models.JSONField(default=dict)
    translated_by = models.PositiveSmallIntegerField(default=0)
    stored_at = models.DateTimeField(default=timezone.now)
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True)

    class Meta:
        abstract = True
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource_id"], name="%(app_label)s_%(class)s_is_stored_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["link_check", "-id"],
                condition=Q(link_check__in=[LinkCheck.ISSUED, LinkCheck.EDITED, LinkCheck.FOREIGN]),
                name="%(app_label)s_%(class)s_lnk",
            ),
            models.Index(fields=["stored_at", "id"], name="%(app_label)s_%(class)s_news"),
            models.Index(fields=["translated_by"], name="%(app_label)s_%(class)s_old"),
            models.Index(fields=["resource_id"], name="%(class)s_resource_id"),
            models.Index(fields=["database_id"], name="%(class)s_database_id"),
            # Lists narrowed to what is rare: the documents make the table itself slow to read through.
            models.Index(fields=["vendor_state", "id"], name="%(class)s_state"),
            models.Index(fields=["id"], condition=Q(incomplete=True), name="%(class)s_incomplete"),
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
        indexes = [
            *Stored.Meta.indexes,
            models.Index(fields=["outcome", "id"], name="scenariosession_outcome"),
            models.Index(fields=["session_type", "id"], name="scenariosession_type"),
        ]


class CallSession(Stored):
    """One remote-assistance call."""

    connected_at = models.DateTimeField(null=True, blank=True)
    participants = models.JSONField(default=list)
    possible_twin = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta(Stored.Meta):
        verbose_name = _("call")
