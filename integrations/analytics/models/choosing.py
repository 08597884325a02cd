"""How an administrator sets the report up: calendars, targets, classes of assets, the guard rail."""

from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.analytics import weekly
from integrations.analytics.hours import BusinessHours
from integrations.connections.models import Workspace, default_workspace_id
from integrations.core.badges import Text

MOST_CALENDARS = 10


class BusinessCalendar(models.Model):
    """The hours in which a service desk works; time outside of them is not counted."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, default=default_workspace_id, related_name="+")
    slug = models.SlugField(_("short name"), max_length=50)
    name = models.CharField(max_length=100)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", help_text=_("Such as Europe/Berlin."))
    shifts = models.JSONField(
        _("business hours"), default=list, help_text=_("One line each, such as Mon-Fri 08:00-17:00 or Sat 22:00-06:00.")
    )
    closed_days = models.JSONField(
        _("closed days"), default=list, blank=True, help_text=_("One line each, such as 2026-12-25.")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("business calendar")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="analytics_calendar_is_named_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        faults: dict[str, Text] = {}
        if self.slug == "clock":
            faults["slug"] = _("“clock” stands for no calendar at all; choose another short name.")
        if self.zone not in available_timezones():
            faults["zone"] = _("“{zone}” is no time zone; write it like Europe/Berlin.").format(zone=self.zone)
        for name, read, most in (
            ("shifts", weekly.shifts_of, weekly.MOST_LINES),
            ("closed_days", weekly.closed_of, weekly.MOST_CLOSED),
        ):
            if fault := _fault(getattr(self, name), read, most=most):
                faults[name] = fault
        others = BusinessCalendar.objects.filter(workspace=self.workspace_id).exclude(pk=self.pk)
        if self._state.adding and others.count() >= MOST_CALENDARS:
            said = _("A workspace has {most} calendars at most: each job is measured by each of them.")
            faults["slug"] = said.format(most=MOST_CALENDARS)
        if faults:
            raise ValidationError(faults)

    @property
    def hours(self) -> BusinessHours:
        """Return the hours; closed for ever where what is stored cannot be read."""
        try:
            shifts, closed = tuple(weekly.shifts_of(self.shifts)), weekly.closed_of(self.closed_days)
            return BusinessHours(ZoneInfo(self.zone), shifts, closed)
        except (ValueError, TypeError, KeyError, OSError):
            return BusinessHours(ZoneInfo("UTC"), ())


def _fault(value: object, read: object, *, most: int) -> str:
    assert callable(read)
    if not isinstance(value, list):
        return str(_("It must be a list of lines."))
    if len(value) > most:
        return str(_("It has {count} lines; {most} are the most.").format(count=len(value), most=most))
    try:
        read(value)
    except ValueError as error:
        return str(error)
    return ""


class ResolutionTarget(models.Model):
    """How many hours a job of a priority may take."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, default=default_workspace_id, related_name="+")
    priority = models.CharField(max_length=60, help_text=_("Exactly as work orders have it."))
    hours = models.FloatField(
        validators=[MinValueValidator(0.01), MaxValueValidator(100_000)],
        help_text=_("By the clock, or business hours where the report is looked at by a calendar."),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("resolution target")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "priority"], name="analytics_target_is_one_per_priority"),
        ]

    def __str__(self) -> str:
        return self.priority


class AssetClass(models.Model):
    """Assets whose text looks like a pattern are of a class; the rule with the lowest position that fits counts."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, default=default_workspace_id, related_name="+")
    pattern = models.CharField(
        max_length=200, help_text=_("The asset's text; * stands for anything, as in PUMP-*. Case does not count.")
    )
    name = models.CharField(_("class"), max_length=100)
    position = models.PositiveIntegerField(default=0, help_text=_("Rules are tried from the lowest up."))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("asset class")
        verbose_name_plural = _("asset classes")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "pattern"], name="analytics_assetclass_is_one_per_pattern"),
        ]

    def __str__(self) -> str:
        return f"{self.pattern} → {self.name}"


class ReportPolicy(models.Model):
    """One row per workspace; without it: the guard rail is on, ten jobs, by the clock."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="+")
    guard_rail = models.BooleanField(
        _("guard rail"), default=True, help_text=_("Show no figures of a group with fewer jobs than this.")
    )
    fewest = models.PositiveIntegerField(
        _("fewest jobs"), default=10, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    calendar = models.ForeignKey(
        BusinessCalendar,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("What the report opens with; empty: by the clock."),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("report policy")
        verbose_name_plural = _("report policies")

    def __str__(self) -> str:
        return str(self.workspace)

    def clean(self) -> None:
        if self.calendar and self.calendar.workspace_id != self.workspace_id:
            raise ValidationError({"calendar": _("The calendar is of another workspace.")})

    @classmethod
    def of(cls, workspace_id: int) -> "ReportPolicy":
        """Return the workspace's policy; one with the defaults, unsaved, if it has none."""
        found = cls.objects.select_related("calendar").filter(workspace_id=workspace_id).first()
        return found or cls(workspace_id=workspace_id)
