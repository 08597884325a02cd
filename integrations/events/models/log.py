"""The log of what happened: each fact once, numbered without gaps per workspace."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from integrations.connections.models import Workspace
from integrations.core.ids import current_correlation_id, random_token

RECOGNITION = "recognition"
OFF_CLOCK = timedelta(hours=24)


class EventQuerySet(models.QuerySet["Event"]):
    def unnumbered(self) -> "EventQuerySet":
        return self.filter(seq__isnull=True)

    def numbered(self) -> "EventQuerySet":
        return self.filter(seq__isnull=False)

    def recognitions(self) -> "EventQuerySet":
        """What cameras recognised; the rest are facts of our own."""
        return self.filter(source_type=RECOGNITION)


class Reason(models.TextChoices):
    LIVE = "live"
    REPLAY = "replay"
    OPERATOR = "operator"
    RECONCILED = "reconciled"


class Event(models.Model):
    """One fact. Inserted unnumbered in the transaction of the change; numbered, then read, by the sequencer.

    `payload` holds a recognition event as it was when it came: its camera, candidates and their groups. `about`: what
    its work order was like when it was numbered. `withheld`: why it is in the log and not passed on.
    """

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="events")
    seq = models.PositiveBigIntegerField(null=True, editable=False)
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=80)
    source_type = models.CharField(max_length=60, blank=True, default="")
    source_id = models.CharField(max_length=64, blank=True, default="")
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True)
    correlation_id = models.CharField(max_length=40, blank=True, default=current_correlation_id)
    reason = models.CharField(max_length=12, choices=Reason, default=Reason.LIVE)
    payload: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    about: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    camera_id = models.UUIDField(null=True)
    agent_id = models.UUIDField(null=True)
    activity_id = models.UUIDField(null=True)
    digest = models.CharField(max_length=64, blank=True, default="")
    withheld = models.CharField(max_length=100, blank=True, default="")
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["workspace", "seq"], name="events_event_number_is_given_once"),
            models.UniqueConstraint(fields=["workspace", "uuid"], name="events_event_is_kept_once"),
        ]
        indexes = (
            models.Index(fields=["workspace", "id"], condition=Q(seq__isnull=True), name="events_event_unnumbered"),
            models.Index(fields=["created_at"], name="events_event_created_at"),
            models.Index(fields=["source_id"], condition=~Q(source_id=""), name="events_event_source_id"),
            models.Index(
                fields=["workspace", "occurred_at"],
                condition=Q(source_type=RECOGNITION),
                name="events_event_recognised",
            ),
            models.Index(
                fields=["workspace", "camera_id", "occurred_at"],
                condition=Q(camera_id__isnull=False),
                name="events_event_of_camera",
            ),
            models.Index(
                fields=["workspace", "activity_id"],
                condition=Q(activity_id__isnull=False),
                name="events_event_of_activity",
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} #{self.seq}"

    @property
    def is_recognition(self) -> bool:
        return self.source_type == RECOGNITION

    @property
    def is_off_clock(self) -> bool:
        """Its own date and the time we got it lie more than a day apart."""
        return abs(self.occurred_at - self.created_at) > OFF_CLOCK


def new_epoch() -> str:
    return random_token(6)


class Sequence(models.Model):
    """The last number given in a workspace; its row lock lets one sequencer in at a time.

    `epoch` names this log: cursors of another are refused. `revision` is another text after every
    change of endpoints, filters or policy.
    """

    workspace = models.OneToOneField(Workspace, models.CASCADE, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)
    epoch = models.CharField(max_length=16, default=new_epoch)
    revision = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.last}"


class Sighting(models.Model):
    """A profile that a recognition event names, so that the events of a person are found."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="sightings")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    profile_id = models.UUIDField()

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=["workspace", "profile_id", "event"], name="events_sighting_of_profile"),)

    def __str__(self) -> str:
        return f"{self.profile_id} in {self.event_id}"
