"""The log of what happened: each fact once, numbered without gaps per workspace."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from integrations.connections.models import Workspace
from integrations.core.ids import current_correlation_id


class EventQuerySet(models.QuerySet["Event"]):
    def unnumbered(self) -> "EventQuerySet":
        return self.filter(seq__isnull=True)

    def numbered(self) -> "EventQuerySet":
        return self.filter(seq__isnull=False)


class Reason(models.TextChoices):
    LIVE = "live"
    REPLAY = "replay"
    OPERATOR = "operator"
    RECONCILED = "reconciled"


class Event(models.Model):
    """One fact. Inserted unnumbered in the transaction of the change; numbered, then read, by the sequencer."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="events")
    seq = models.PositiveBigIntegerField(null=True, editable=False)
    type = models.CharField(max_length=80)
    source_type = models.CharField(max_length=60, blank=True, default="")
    source_id = models.CharField(max_length=64, blank=True, default="")
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True)
    correlation_id = models.CharField(max_length=40, blank=True, default=current_correlation_id)
    reason = models.CharField(max_length=12, choices=Reason, default=Reason.LIVE)
    payload: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["workspace", "seq"], name="events_event_number_is_given_once"),
        ]
        indexes = (
            models.Index(fields=["workspace", "id"], condition=Q(seq__isnull=True), name="events_event_unnumbered"),
            models.Index(fields=["created_at"], name="events_event_created_at"),
        )

    def __str__(self) -> str:
        return f"{self.type} #{self.seq}"


class Sequence(models.Model):
    """The last number given in a workspace; its row lock lets one sequencer in at a time."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.last}"
