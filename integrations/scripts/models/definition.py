"""A script as it is configured: when it runs, what it may reach, and its versions, none of which ever changes."""

import hashlib
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection, Workspace, default_workspace_id
from integrations.core.fields import EncryptedJSONField
from integrations.core.remembered import remembered
from integrations.scripts.validation import grant_problems, script_problems


class BatchBy(models.TextChoices):
    SCRIPT = "SCRIPT", _("all events together")
    SUBJECT = "SUBJECT", _("the events of one work order")
    SOURCE = "SOURCE", _("the events of one session, call or photo")


def _between(least: float, most: float) -> list[Any]:
    return [MinValueValidator(least), MaxValueValidator(most)]


class Script(models.Model):
    """One integration script. Nothing runs before a version of it is published."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, default=default_workspace_id)
    slug = models.SlugField(
        unique=True, help_text=_("Names the script's effects, so that a replay repeats none; it stays as it is.")
    )
    name = models.CharField(max_length=100)
    about = models.TextField(blank=True, default="", help_text=_("What it is for; shown beside the editor."))
    enabled = models.BooleanField(default=True)
    # when it runs
    event_types = models.JSONField(default=list, blank=True, help_text=_("Runs on each event of these types."))
    condition = models.TextField(blank=True, default="", help_text=_("JMESPath over the facts; empty: always."))
    cron = models.CharField(max_length=100, blank=True, default="", help_text=_("Such as 0 6 * * 1-5; empty: never."))
    time_zone = models.CharField(max_length=50, default="UTC", help_text=_("Of the cron expression."))
    batch_size = models.PositiveIntegerField(
        default=1, validators=_between(1, 1000), help_text=_("Run once for up to this many events; 1: for each.")
    )
    batch_minutes = models.FloatField(
        default=0.0, validators=_between(0, 1440), help_text=_("At the latest so long after the first of them.")
    )
    batch_by = models.CharField(max_length=8, choices=BatchBy, default=BatchBy.SUBJECT)
    pace_seconds = models.FloatField(
        default=0.0, validators=_between(0, 86400), help_text=_("Least time between two runs for one work order.")
    )
    # what it may use
    allow_hosts = models.JSONField(
        default=list, blank=True, help_text=_("Other hosts it may ask, without credentials, such as api.example.com.")
    )
    settings_schema = models.JSONField(default=dict, blank=True, help_text=_("JSON Schema of ctx.config."))
    settings = models.JSONField(default=dict, blank=True, help_text=_("ctx.config"))
    secrets = EncryptedJSONField(default=dict, blank=True)
    # how much
    cpu_seconds = models.FloatField(default=5.0, validators=_between(0.05, 30))
    wall_seconds = models.FloatField(default=30.0, validators=_between(0.5, 40))
    memory_mib = models.PositiveIntegerField(default=64, validators=_between(8, 512))
    calls = models.PositiveIntegerField(
        default=20, validators=_between(0, 500), help_text=_("Outgoing calls of a run.")
    )
    active_version = models.ForeignKey(
        "ScriptVersion", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(excluded_fields=["secrets", "changed_at"])

    class Meta:
        verbose_name = _("script")
        constraints = [
            models.CheckConstraint(
                condition=Q(batch_size=1) | Q(batch_minutes__gt=0), name="scripts_script_batch_ends_some_time"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def remembered(cls, pk: int) -> "Script":
        """Return the script as a worker knows it: read within the last second, with its published version."""
        rows = cls.objects.select_related("active_version")
        return remembered(("script", pk), lambda: rows.get(pk=pk))

    @cached_property
    def granted(self) -> "list[ScriptGrant]":
        """The granted connections, read once."""
        return list(self.grants.select_related("connection"))

    @property
    def collects(self) -> bool:
        """Whether events are collected into one run."""
        return self.batch_size > 1

    def clean(self) -> None:
        """:raises ValidationError: naming each event type, condition, expression or setting that is refused, and why"""
        if found := script_problems(self):
            raise ValidationError(found)


class ScriptGrant(models.Model):
    """A connection that a script may use, under the name by which the script calls it."""

    script = models.ForeignKey(Script, models.CASCADE, related_name="grants")
    name = models.SlugField(help_text=_('As in ctx.connection("name") and ctx.record("name").'))
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="script_grants")
    is_target = models.BooleanField(default=False, help_text=_("The one that ctx.http and ctx.target speak to."))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("granted connection")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["script", "name"], name="scripts_scriptgrant_name_is_taken"),
            models.UniqueConstraint(
                fields=["script"], condition=Q(is_target=True), name="scripts_scriptgrant_has_one_target"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new target takes the mark from the one that had it."""
        if self.is_target:
            others = ScriptGrant.objects.filter(script_id=self.script_id, is_target=True)
            others.exclude(pk=self.pk).update(is_target=False)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """:raises ValidationError: if the connection belongs to another workspace"""
        if found := grant_problems(self):
            raise ValidationError(found)


class ImmutableVersion(Exception):
    """A version never changes; save a new one."""


class ScriptVersion(models.Model):
    """The text of a script at one time. `tested_at`: when a dry run of this very text succeeded."""

    script = models.ForeignKey(Script, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.TextField()
    sha256 = models.CharField(max_length=64, editable=False)
    author = models.CharField(max_length=150, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("version")
        default_permissions = ("view",)
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["script", "number"], name="scripts_scriptversion_number_is_given_once")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert. :raises ImmutableVersion: if it is there already"""
        if self.pk is not None:
            raise ImmutableVersion
        self.sha256 = hashlib.sha256(self.source.encode()).hexdigest()
        super().save(*args, **kwargs)
