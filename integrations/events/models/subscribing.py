"""Who is told of events, and of which."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Workspace
from integrations.core.fields import EncryptedJSONField
from integrations.events.models.policy import WebsocketAuth
from integrations.outbox.models import Destination


class EndpointType(models.TextChoices):
    WEB_SOCKET = "WEB_SOCKET", _("websocket")
    WEB_HOOK = "WEB_HOOK", _("webhook")


class WebsocketErrors(models.TextChoices):
    HTTP = "http", _("refuse the handshake with an HTTP status")
    CLOSE_CODES = "close_codes", _("accept, then close with a code (for browsers)")


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def of(self, workspace_id: int) -> "EndpointQuerySet":
        return self.filter(workspace_id=workspace_id)


class Endpoint(models.Model):
    """A destination for events: sockets that connect with its id, or the address of a webhook.

    Id and type never change. `access` is the key that a websocket presents beside the id, unless `auth` is open. What a
    webhook gets goes through its `destination`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="endpoints")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=10, choices=EndpointType)
    auth = models.CharField(
        _("websockets present"), max_length=8, choices=WebsocketAuth, blank=True, default=WebsocketAuth.TOKEN
    )
    access = EncryptedJSONField(default="", blank=True, editable=False)
    ws_errors = models.CharField(
        _("errors of the handshake"), max_length=12, choices=WebsocketErrors, default=WebsocketErrors.HTTP
    )
    destination = models.OneToOneField(
        Destination, models.PROTECT, null=True, blank=True, editable=False, related_name="endpoint"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EndpointQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["access"])

    class Meta:
        verbose_name = _("endpoint")
        constraints = [
            models.CheckConstraint(
                condition=Q(type=EndpointType.WEB_SOCKET, destination__isnull=True)
                | Q(type=EndpointType.WEB_HOOK, destination__isnull=False),
                name="events_endpoint_webhook_has_a_destination",
            )
        ]
        indexes = (models.Index(fields=["workspace", "-created_at"], name="events_endpoint_newest"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_websocket(self) -> bool:
        return self.type == EndpointType.WEB_SOCKET

    @property
    def short_id(self) -> str:
        return str(self.pk)[:8]

    @property
    def meta(self) -> dict[str, Any]:
        """Return what the vendor's API calls `meta`: nothing of a websocket, address and method of a webhook."""
        return {"url": self.destination.url, "method": self.destination.method} if self.destination else {}


class EventFilter(models.Model):
    """A named condition set, linked to any number of endpoints. An empty list is no constraint.

    `event_types`: the six names of recognition events in capitals; those of our own as they are, or `session.*`.
    `work_order`: field of the work order → values of which it has one, such as {"site": ["Lyon"]}.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="event_filters")
    name = models.CharField(max_length=200, blank=True, default="")
    endpoints = models.ManyToManyField(Endpoint, related_name="filters", blank=True)
    camera_ids = models.JSONField(default=list, blank=True)
    agent_ids = models.JSONField(default=list, blank=True)
    profile_group_ids = models.JSONField(default=list, blank=True)
    event_types = models.JSONField(default=list, blank=True)
    work_order = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("event filter")
        indexes = (
            models.Index(fields=["workspace", "-created_at"], name="events_eventfilter_newest"),
            models.Index(fields=["workspace", "-modified_at"], name="events_eventfilter_changed"),
        )

    def __str__(self) -> str:
        return self.name or str(self.pk)[:8]
