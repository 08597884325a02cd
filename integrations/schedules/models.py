"""What runs when: one row per registered job, and how long each kind of row is kept."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.core.work import Standing, StandingQuerySet


class ScheduledJob(Standing):
    """A registered job; its row is due when it is to run next."""

    name = models.CharField(max_length=100, unique=True)
    last_ran_at = models.DateTimeField(null=True, blank=True)
    last_seconds = models.FloatField(null=True, blank=True)

    objects = StandingQuerySet["ScheduledJob"].as_manager()

    class Meta(Standing.Meta):
        verbose_name = _("scheduled job")

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When a process was last seen: the scheduler at each tick, a worker at each hint."""

    name = models.CharField(max_length=60, unique=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class RetentionRule(models.Model):
    """How many days rows of a kind are kept."""

    kind = models.CharField(max_length=60, unique=True, editable=False)
    days = models.PositiveIntegerField()
    history = HistoricalRecords()

    class Meta:
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return self.kind
