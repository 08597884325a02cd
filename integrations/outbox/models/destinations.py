"""Where messages go, and how the one who takes them has been doing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Workspace, default_workspace_id
from integrations.core.fields import EncryptedJSONField
from integrations.core.lanes import LaneQuerySet
from integrations.core.work import Standing, WorkState
from integrations.outbox.validation import problems_of


class Method(models.TextChoices):
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"


class DestinationQuerySet(LaneQuerySet["Destination"]):
    def kept(self) -> "DestinationQuerySet":
        """Those that were not deleted; a deleted one stays until its log is gone."""
        return self.filter(retired_at__isnull=True)

    def hurry(self, *, now: datetime) -> int:
        """Let those that wait after a failure try at once."""
        return self.filter(state=WorkState.DUE, due_at__gt=now).update(due_at=now)


class Destination(Standing):
    """One address that takes messages. It is the lane of its deliveries: whoever holds it is the only one who sends.

    `secrets`: `{"current": …, "previous": …}`; the previous one signs too, until `previous_until`. `doubtful`: the last
    attempt failed or was slow, so this one may take only its share of the senders.
    """

    workspace = models.ForeignKey(Workspace, models.PROTECT, default=default_workspace_id, related_name="destinations")
    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=2048, help_text=_("Absolute, http or https, without a user name."))
    method = models.CharField(max_length=5, choices=Method, default=Method.POST)
    headers = EncryptedJSONField(default=dict, blank=True)
    secrets = EncryptedJSONField(default=dict, blank=True)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)
    rate_per_second = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0.001)], help_text=_("Requests; empty: no limit.")
    )
    concurrency = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(16)],
        help_text=_("Requests at the same time. 1 keeps the order of the messages."),
    )
    connect_seconds = models.FloatField(default=5.0, validators=[MinValueValidator(0.1), MaxValueValidator(10)])
    total_seconds = models.FloatField(
        default=10.0,
        validators=[MinValueValidator(0.1), MaxValueValidator(30)],
        help_text=_("For one request from its start to the end of the answer."),
    )
    enabled = models.BooleanField(default=True, help_text=_("Off: nothing is sent; what comes meanwhile waits."))
    failures = models.PositiveIntegerField(default=0, editable=False)
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    doubtful = models.BooleanField(default=False, editable=False)
    last_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    last_note = models.TextField(blank=True, default="", editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    CONFIGURED = (
        "name",
        "url",
        "method",
        "headers",
        "secrets",
        "previous_until",
        "rate_per_second",
        "concurrency",
        "connect_seconds",
        "total_seconds",
        "enabled",
        "retired_at",
    )

    objects = DestinationQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=[
            "headers",
            "secrets",
            "state",
            "due_at",
            "claim_token",
            "attempts",
            "deaths",
            "retry_since",
            "note",
            "finished_at",
            "subject",
            "correlation_id",
            "wanted",
            "not_before",
            "failures",
            "suspended_at",
            "doubtful",
            "last_at",
            "last_status",
            "last_note",
        ]
    )

    class Meta(Standing.Meta):
        default_permissions = ["view", "change", "rerun"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_per_second__isnull=True) | Q(rate_per_second__gt=0),
                name="outbox_destination_rate_is_positive",
            ),
            models.CheckConstraint(condition=Q(concurrency__gt=0), name="outbox_destination_concurrency_is_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """:raises ValidationError: naming the address, header or method that is refused, and by which rule"""
        if found := problems_of(self):
            raise ValidationError(cast("dict[str, Any]", found))

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save what a person sets; the lane's own fields are written by its holder alone."""
        if not self._state.adding and update_fields is None:
            update_fields = self.CONFIGURED
        super().save(*args, update_fields=update_fields, **kwargs)

    def signing_secrets(self, now: datetime) -> list[str]:
        """Return the secrets that sign a message now: the current one, then the previous while it counts."""
        current, previous = self.secrets.get("current", ""), self.secrets.get("previous", "")
        counts = previous and self.previous_until is not None and now < self.previous_until
        return [secret for secret in (current, previous if counts else "") if secret]
