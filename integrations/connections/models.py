"""Workspaces, accounts on other systems, API tokens, and what this installation knows of itself."""

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.auth_kinds import AuthKind
from integrations.connections.setting_schema import fields_of
from integrations.connections.validation import problems_of
from integrations.core.fields import EncryptedJSONField
from integrations.core.remembered import remembered
from integrations.core.statements import Reading

__all__ = [
    "ApiToken",
    "AuthKind",
    "Connection",
    "Environment",
    "Health",
    "IdempotencyRecord",
    "Installation",
    "Workspace",
]


class Workspace(models.Model):
    """Tenant boundary: events, tokens, rights and retention belong to one."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def default(cls) -> "Workspace":
        return cls.objects.get_or_create(slug="default", defaults={"name": "Default"})[0]


def default_workspace_id() -> int:
    return Workspace.default().pk


class Installation(models.Model):
    """One row: the address last served, a proof of the encryption key, and whether writes are held back."""

    key_proof = EncryptedJSONField(default=dict)
    key_fingerprint = models.CharField(max_length=16)
    public_url = models.CharField(max_length=300)
    capture_reason = models.CharField(max_length=300, blank=True, default="")
    started_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.public_url


class Environment(models.TextChoices):
    SANDBOX = "SANDBOX", _("sandbox")
    TEST = "TEST", _("test")
    PRODUCTION = "PRODUCTION", _("production")


class Health(models.TextChoices):
    UNKNOWN = "UNKNOWN", _("not tried yet")
    OK = "OK", _("works")
    FAILING = "FAILING", _("failing")
    AUTH_FAILED = "AUTH_FAILED", _("auth failed")


class Connection(models.Model):
    """One account on another system: a platform that sends us facts, or a system of record that we write to."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, default=default_workspace_id)
    slug = models.SlugField(unique=True, help_text=_("Names the connection in addresses and in links."))
    name = models.CharField(max_length=100)
    platform = models.CharField(max_length=30)
    environment = models.CharField(max_length=10, choices=Environment, default=Environment.SANDBOX)
    base_url = models.CharField(max_length=300, blank=True, help_text=_("Empty: taken from the token's answer."))
    auth_kind = models.CharField(max_length=14, choices=AuthKind, default=AuthKind.BEARER)
    credentials = EncryptedJSONField(default=dict, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    time_zone = models.CharField(max_length=50, default="UTC", help_text=_("For times without an offset."))
    date_format = models.CharField(max_length=30, default="iso")
    rate_per_second = models.FloatField(default=5.0)
    max_concurrency = models.PositiveSmallIntegerField(default=4)
    daily_quota = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Requests in any 24 hours; empty: no limit.")
    )
    reserved_percent = models.PositiveSmallIntegerField(
        default=20,
        validators=[MaxValueValidator(100)],
        help_text=_("Of the daily quota: this last share is kept for what writes need."),
    )
    quota_header = models.CharField(
        max_length=60,
        blank=True,
        default="",
        help_text=_("Header of answers that tells how much is used, as used/limit, such as Sforce-Limit-Info."),
    )
    settle_seconds = models.FloatField(
        default=60.0, help_text=_("How long after an unsure send the system may still apply it.")
    )
    paused = models.BooleanField(default=False)
    capture = models.BooleanField(default=False, help_text=_("Writes are recorded, not sent."))
    write_from = models.DateTimeField(
        default=timezone.now, help_text=_("Older facts are kept as history and not written.")
    )
    skip_closed_records = models.BooleanField(default=True)
    health = models.CharField(max_length=12, choices=Health, default=Health.UNKNOWN, editable=False)
    health_note = models.TextField(blank=True, default="", editable=False)
    health_at = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    next_try_at = models.DateTimeField(null=True, blank=True, editable=False)
    token_cache = EncryptedJSONField(default=dict, blank=True, editable=False)
    token_generation = models.PositiveBigIntegerField(default=0, editable=False)
    token_busy_until = models.DateTimeField(null=True, blank=True, editable=False)
    probe = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords(
        excluded_fields=[
            "credentials",
            "token_cache",
            "token_generation",
            "token_busy_until",
            "health",
            "health_note",
            "health_at",
            "failures",
            "failing_since",
            "next_try_at",
            "probe",
        ]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate_per_second__gt=0), name="connections_connection_rate_is_positive"),
            models.CheckConstraint(
                condition=Q(max_concurrency__gt=0), name="connections_connection_concurrency_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse addresses the guard would refuse, unknown settings and credentials, unknown time zones."""
        if found := problems_of(self):
            raise ValidationError(found)

    @classmethod
    def remembered(cls, pk: int) -> "Connection":
        """Return the connection as a worker knows it: read within the last second."""
        return remembered(("connection", pk), lambda: cls._read(pk))

    @classmethod
    def _read(cls, pk: int) -> "Connection":
        for row in _BY_NUMBER.rows(pk):
            return row
        raise cls.DoesNotExist

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a setting; where it is empty, `default` or else the one that the platform's schema names."""
        value = self.settings.get(name)
        if value not in (None, ""):
            return value
        return next(
            (each.default for each in fields_of(self.platform) if each.name == name and default is None), default
        )


_BY_NUMBER = Reading(Connection, "WHERE t.id = %s")


class ApiToken(models.Model):
    """A key for the REST API. Only its hash is kept; the value is shown once."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, default=default_workspace_id)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords(excluded_fields=["token_hash", "last_used_at"])

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_usable(self, *, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    @staticmethod
    def hash_of(value: str) -> str:
        return hashlib.sha256(value.encode()).hexdigest()


class IdempotencyRecord(models.Model):
    """The answer given to a request with an `Idempotency-Key`, so that its repetition gets the same one."""

    token = models.ForeignKey(ApiToken, models.CASCADE)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "key"], name="connections_idempotencyrecord_key_is_used_once")
        ]

    def __str__(self) -> str:
        return self.key
