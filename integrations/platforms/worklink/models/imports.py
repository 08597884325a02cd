"""Imports: whole objects read page by page from the lists of the CMS, by the clock or for a period asked for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection
from integrations.core.work import Work, WorkQuerySet
from integrations.platforms.worklink import names


class ImportSchedule(models.Model):
    """When the sessions and calls of a connection are imported; each run goes back to the one before, and further."""

    connection = models.OneToOneField(
        Connection, models.CASCADE, related_name="+", limit_choices_to={"platform": "worklink"}
    )
    cron = models.CharField(
        _("schedule"),
        max_length=100,
        default="30 2 * * *",
        help_text=_("Minute, hour, day of the month, month, day of the week, such as 30 2 * * *."),
    )
    time_zone = models.CharField(max_length=50, default="UTC", help_text=_("Of the schedule."))
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    history = HistoricalRecords(excluded_fields=["next_at"])

    class Meta:
        verbose_name = _("import schedule")

    def __str__(self) -> str:
        return f"{self.connection}: {self.cron}"

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save, and let the time of the next run be found anew."""
        self.next_at = None
        fields = None if update_fields is None else {*update_fields, "next_at"}
        super().save(*args, update_fields=fields, **kwargs)


class What(models.TextChoices):
    SESSIONS = names.SESSION, _("sessions")
    CALLS = names.CALL, _("calls")


class ImportJob(Work):
    """One walk over all objects of a type, each read whole. `cursor`: where the next page begins.

    `seen` counts objects within the period, `listed` all that were looked at; `changed` those whose content was new.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    resource_type = models.CharField(_("what"), max_length=60, choices=What, default=What.SESSIONS)
    scheduled = models.BooleanField(default=False, editable=False)
    since = models.DateTimeField(null=True, blank=True, help_text=_("Starts before it are left out; empty: none."))
    since_persistent = models.DateTimeField(null=True, blank=True, editable=False)
    until = models.DateTimeField(null=True, blank=True, help_text=_("Not included; empty: until now."))
    asked_by = models.CharField(max_length=150, blank=True, default="", editable=False)
    stopped_by = models.CharField(max_length=150, blank=True, default="", editable=False)
    cursor = models.CharField(max_length=300, blank=True, default="", editable=False)
    pages = models.PositiveIntegerField(default=0, editable=False)
    listed = models.PositiveIntegerField(default=0, editable=False)
    seen = models.PositiveIntegerField(default=0, editable=False)
    changed = models.PositiveIntegerField(default=0, editable=False)
    incomplete = models.PositiveIntegerField(default=0, editable=False)
    total = models.PositiveIntegerField(null=True, blank=True, editable=False)
    first_start = models.DateTimeField(null=True, blank=True, editable=False)
    reached_start = models.DateTimeField(null=True, blank=True, editable=False)
    seconds = models.FloatField(default=0.0, editable=False, help_text=_("That it took so far, without waiting."))

    objects = WorkQuerySet["ImportJob"].as_manager()

    class Meta(Work.Meta):
        verbose_name = _("import")
        indexes = [
            *Work.Meta.indexes,
            models.Index(
                fields=["connection", "resource_type", "-created_at"],
                condition=Q(scheduled=True),
                name="worklink_importjob_watermark",
            ),
        ]

    def __str__(self) -> str:
        if not (self.since or self.until):
            return f"all {self.get_resource_type_display()}"
        return f"{self.get_resource_type_display()}, {_day(self.since)} – {_day(self.until)}"

    @property
    def share(self) -> float:
        """How much of the walk is done, 0 to 1: by the count of the list, or by how far back it has come."""
        by_count = self.listed / self.total if self.total else 0.0
        return min(1.0, max(by_count, self._share_of_time()))

    def _share_of_time(self) -> float:
        back_to = min((at for at in (self.since, self.since_persistent) if at is not None), default=None)
        if back_to is None or self.first_start is None or self.reached_start is None:
            return 0.0
        way = (self.first_start - back_to) / timedelta(seconds=1)
        return (self.first_start - self.reached_start) / timedelta(seconds=1) / way if way > 0 else 1.0

    @property
    def rate(self) -> float:
        """Objects a second."""
        return self.listed / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What is left at the speed so far; None while nothing can be said."""
        return self.seconds * (1 - self.share) / self.share if self.share > 0 else None


def _day(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}" if at else "…"
