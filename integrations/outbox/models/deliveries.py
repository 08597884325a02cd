"""What is sent, how far it has come at each destination, and every attempt."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Workspace
from integrations.core.ids import current_correlation_id
from integrations.outbox.models.destinations import Destination

JSON_TYPE = "application/json; charset=utf-8"


class Message(models.Model):
    """What is sent, once for all destinations that it goes to. `uid` names it at the receivers, for good."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    uid = models.CharField(max_length=64)
    type = models.CharField(max_length=80)
    cursor = models.CharField(max_length=120, blank=True, default="")
    content_type = models.CharField(max_length=100, default=JSON_TYPE)
    body = models.TextField()
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True)
    correlation_id = models.CharField(max_length=40, blank=True, default=current_correlation_id, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ["view"]
        constraints = [models.UniqueConstraint(fields=["workspace", "uid"], name="outbox_message_is_kept_once")]
        indexes = (models.Index(fields=["created_at"], name="outbox_message_created_at"),)

    def __str__(self) -> str:
        return f"{self.type} {self.uid}"


class DeliveryState(models.TextChoices):
    WAITING = "WAITING", _("waiting")
    RETRYING = "RETRYING", _("retrying")
    DELIVERED = "DELIVERED", _("delivered")
    FAILED = "FAILED", _("failed")
    EXPIRED = "EXPIRED", _("expired")
    DROPPED = "DROPPED", _("dropped")


OPEN_STATES = (DeliveryState.WAITING, DeliveryState.RETRYING)
ENDED_STATES = (DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.DROPPED)
DEAD_STATES = (DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.DROPPED)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def open(self) -> "DeliveryQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def ended(self) -> "DeliveryQuerySet":
        return self.filter(state__in=ENDED_STATES)

    def dead(self) -> "DeliveryQuerySet":
        """Those that ended without being delivered."""
        return self.filter(state__in=DEAD_STATES)


class Delivery(models.Model):
    """One message for one destination; its number gives the order. Written by the destination's holder while open.

    `attempts` counts all there were, `tries` those since it was last queued. `aside`: it has failed for long enough
    that those behind it no longer wait.
    """

    destination = models.ForeignKey(Destination, models.CASCADE, related_name="deliveries")
    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    aside = models.BooleanField(default=False)
    due_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    first_tried_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ["view", "rerun"]
        constraints = [
            models.UniqueConstraint(fields=["message", "destination"], name="outbox_delivery_is_one_per_destination")
        ]
        indexes = (
            models.Index(
                fields=["destination", "aside", "id"], condition=Q(state__in=OPEN_STATES), name="outbox_delivery_open"
            ),
            models.Index(
                fields=["destination", "due_at"],
                condition=Q(state__in=OPEN_STATES, aside=True),
                name="outbox_delivery_aside",
            ),
            models.Index(fields=["queued_at"], condition=Q(state__in=OPEN_STATES), name="outbox_delivery_queued"),
            models.Index(fields=["destination", "-id"], name="outbox_delivery_of"),
            models.Index(fields=["-id"], condition=Q(state__in=DEAD_STATES), name="outbox_delivery_dead"),
        )

    def __str__(self) -> str:
        return f"{self.message} → {self.destination}"


class Attempt(models.Model):
    """One request and its answer, cut, and with what is secret left out. `ms` runs from the first byte to the last."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempt_log")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    ms = models.PositiveIntegerField()
    delivered = models.BooleanField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.TextField(blank=True, default="")
    request: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    answer: "models.JSONField[Any, Any]" = models.JSONField(default=dict)

    class Meta:
        default_permissions = ["view"]
        indexes = (models.Index(fields=["at"], name="outbox_attempt_at"),)

    def __str__(self) -> str:
        return f"{self.number}: {self.status or self.note}"
