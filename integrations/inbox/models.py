"""Webhooks in: where they may come from, each one as it came, and the resources they say have changed."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection, Workspace
from integrations.core.fields import EncryptedJSONField
from integrations.core.ids import random_token
from integrations.core.platforms import Incoming
from integrations.core.remembered import remembered
from integrations.core.work import ENDED_STATES, Standing, StandingQuerySet, Work, WorkQuerySet


def new_source_token() -> str:
    return random_token(24)


class Verification(models.TextChoices):
    ADDRESS = "ADDRESS", _("address only")
    BASIC = "BASIC", _("user and password")
    HEADER = "HEADER", _("token in a header")
    HMAC = "HMAC", _("HMAC signature")
    STANDARD = "STANDARD", _("Standard Webhooks")
    PLATFORM = "PLATFORM", _("the platform's own signature")


class WebhookSource(models.Model):
    """One address that receives webhooks for a connection, and how they prove where they come from."""

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="sources")
    name = models.CharField(max_length=100)
    token = models.CharField(max_length=64, unique=True, default=new_source_token, editable=False)
    enabled = models.BooleanField(default=True)
    verification = models.CharField(max_length=10, choices=Verification, default=Verification.ADDRESS)
    verification_options = models.JSONField(
        default=dict, blank=True, help_text=_("Header name, algorithm, encoding, prefix; empty for the usual ones.")
    )
    secrets = EncryptedJSONField(default=list, blank=True)
    max_bytes = models.PositiveIntegerField(null=True, blank=True)
    relay_url = models.URLField(max_length=300, blank=True, help_text=_("Also pass each request on to this address."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords(excluded_fields=["secrets", "token"])

    class Meta:
        verbose_name = _("source")

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{settings.PUBLIC_URL}/hooks/{self.token}/"


def _source(pk: int) -> WebhookSource:
    return WebhookSource.objects.select_related("connection").get(pk=pk)


class ReceivedWebhookQuerySet(WorkQuerySet["ReceivedWebhook"]):
    def attach(self, rows: "Sequence[ReceivedWebhook]") -> None:
        for row in rows:
            row.source = remembered(("source", row.source_id), partial(_source, row.source_id))

    def for_list(self) -> "ReceivedWebhookQuerySet":
        return self.defer("body", "headers")

    def replayable(
        self,
        start: datetime,
        end: datetime,
        *,
        source: WebhookSource | None = None,
        states: Sequence[str] = ENDED_STATES,
    ) -> "ReceivedWebhookQuerySet":
        """Ended webhooks received from `start` until before `end` whose body is still kept, the oldest first."""
        kept = self.filter(body_deleted=False, state__in=states, received_at__gte=start, received_at__lt=end)
        return (kept.filter(source=source) if source else kept).order_by("received_at", "pk")


class ReceivedWebhook(Work):
    """One accepted request, body as it came. A 2xx to the sender means that this row is committed."""

    source = models.ForeignKey(WebhookSource, models.PROTECT, related_name="received")
    # NULL, not "": unique only where the sender has one.
    delivery_key = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    body = models.BinaryField()
    body_size = models.PositiveIntegerField(default=0)
    body_deleted = models.BooleanField(default=False)
    headers = models.TextField(default="[]")
    query = models.TextField(blank=True, default="")
    received_at = models.DateTimeField(default=timezone.now)
    resource_type = models.CharField(max_length=60, blank=True, default="")
    resource_id = models.CharField(max_length=255, blank=True, default="")
    verb = models.CharField(max_length=40, blank=True, default="")
    replays = models.PositiveSmallIntegerField(default=0)

    objects = ReceivedWebhookQuerySet.as_manager()

    class Meta(Work.Meta):
        verbose_name = _("received webhook")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "delivery_key"],
                condition=Q(delivery_key__isnull=False),
                name="inbox_receivedwebhook_delivery_is_kept_once",
            )
        ]
        indexes = [
            *Work.Meta.indexes,
            models.Index(fields=["received_at"], name="inbox_received_at"),
            models.Index(fields=["resource_type", "resource_id"], name="inbox_received_resource"),
            models.Index(fields=["resource_id"], condition=~Q(resource_id=""), name="inbox_received_resource_id"),
            models.Index(
                fields=["delivery_key"], condition=Q(delivery_key__isnull=False), name="inbox_received_delivery_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_type or 'webhook'} {self.verb} #{self.pk}"

    def header_pairs(self) -> list[tuple[str, str]]:
        """Return the headers in the order and spelling they came in."""
        pairs: list[list[str]] = json.loads(self.headers)
        return [(name, value) for name, value in pairs]

    def incoming(self) -> Incoming:
        headers = {name.lower(): value for name, value in self.header_pairs()}
        return Incoming(headers=headers, body=bytes(self.body), query=self.query)


class QuarantinedWebhook(models.Model):
    """A request whose check failed: kept for a look, capped, never processed."""

    source = models.ForeignKey(WebhookSource, models.CASCADE, related_name="quarantined")
    reason = models.CharField(max_length=300)
    body = models.BinaryField()
    headers = models.TextField(default="[]")
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        default_permissions = ("view", "delete")

    def __str__(self) -> str:
        return self.reason


class ResourceRefreshQuerySet(StandingQuerySet["ResourceRefresh"]):
    def attach(self, rows: "Sequence[ResourceRefresh]") -> None:
        for row in rows:
            row.connection = Connection.remembered(row.connection_id)


class ResourceRefresh(Standing):
    """One resource on a platform that is to be read again; many notices make few reads."""

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="refreshes")
    resource_type = models.CharField(max_length=60)
    resource_id = models.CharField(max_length=255)
    fetched_at = models.DateTimeField(null=True, blank=True)
    replay = models.BooleanField(default=False)

    objects = ResourceRefreshQuerySet.as_manager()

    class Meta(Standing.Meta):
        verbose_name = _("resource read")
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource_type", "resource_id"], name="inbox_resourcerefresh_is_one_per_resource"
            )
        ]
        indexes = [*Work.Meta.indexes, models.Index(fields=["resource_id"], name="inbox_resourcerefresh_id")]

    def __str__(self) -> str:
        return f"{self.resource_type} {self.resource_id}"


class RelayQuerySet(WorkQuerySet["WebhookRelay"]):
    def attach(self, rows: "Sequence[WebhookRelay]") -> None:
        webhooks = ReceivedWebhook.objects.in_bulk([row.webhook_id for row in rows])
        ReceivedWebhook.objects.all().attach([*webhooks.values()])
        for row in rows:
            row.webhook = webhooks[row.webhook_id]


class WebhookRelay(Work):
    """One request to be passed on, byte for byte, to an older receiver."""

    webhook = models.OneToOneField(ReceivedWebhook, models.CASCADE, related_name="relay")
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = RelayQuerySet.as_manager()

    class Meta(Work.Meta):
        verbose_name = _("relayed webhook")

    def __str__(self) -> str:
        return f"relay of #{self.webhook_id}"


class Replay(Work):
    """Webhooks of a time range to be processed again, the oldest first, in portions.

    `workspace`: only what came for it; null: for all. `webhook_ids`: only these, of the range; empty: all of it.
    `reached_at` and `reached_id` are the last webhook that was looked at; `total` is how many there were when it was
    asked for.
    """

    start = models.DateTimeField()
    end = models.DateTimeField(help_text=_("Not included."))
    source = models.ForeignKey(WebhookSource, models.CASCADE, null=True, blank=True, related_name="+")
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, blank=True, related_name="+")
    webhook_ids = models.JSONField(default=list, blank=True, editable=False)
    only_failed = models.BooleanField(default=True)
    asked_by = models.CharField(max_length=150)
    stopped_by = models.CharField(max_length=150, blank=True, default="")
    total = models.PositiveIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    replayed = models.PositiveIntegerField(default=0)
    reached_at = models.DateTimeField(null=True, blank=True)
    reached_id = models.PositiveBigIntegerField(default=0)

    objects = WorkQuerySet["Replay"].as_manager()

    class Meta(Work.Meta):
        verbose_name = _("replay")
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} – {self.end:%Y-%m-%d %H:%M} UTC"


def kept_headers(pairs: Any) -> str:
    """Return raw ASGI header pairs as the JSON text that is stored."""
    return json.dumps([[name.decode("latin-1"), value.decode("latin-1")] for name, value in pairs])
