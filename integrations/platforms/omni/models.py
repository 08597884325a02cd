"""The subscription of each connection and what it knows, and the rules by which recognitions join work orders."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection, Workspace, default_workspace_id
from integrations.core.work import Work, WorkQuerySet
from integrations.events.models import Event
from integrations.platforms.omni.options import TYPES, uuids_in

JOIN_TASK = "omni.join"


class State(models.TextChoices):
    WAITING = "WAITING", _("waits for the runner")
    CATCHING_UP = "CATCHING_UP", _("reading what it missed")
    LIVE = "LIVE", _("live")
    AGAIN = "AGAIN", _("connects again")
    REFUSED = "REFUSED", _("refused")
    REMOVED = "REMOVED", _("removed there")


class Subscription(models.Model):
    """What one connection has at its platform, and how far its events were read.

    `again`, `removing`: what a person asks of the runner. `holder`, `held_until`: its lease, by the database's clock.
    `covered_until`: all events of the platform up to this date were read. `told`: the conditions that our filter there
    was given last.
    """

    connection = models.OneToOneField(Connection, models.CASCADE, related_name="omni_subscription")
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    note = models.TextField(blank=True, default="")
    again = models.BooleanField(default=False)
    removing = models.BooleanField(default=False)
    form = models.CharField(max_length=8, blank=True, default="")
    endpoint_id = models.CharField(max_length=64, blank=True, default="")
    filter_id = models.CharField(max_length=64, blank=True, default="")
    remote_workspace = models.CharField(max_length=64, blank=True, default="")
    told: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    holder = models.UUIDField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    covered_until = models.DateTimeField(null=True, blank=True)
    backfilled_at = models.DateTimeField(null=True, blank=True)
    swept_at = models.DateTimeField(null=True, blank=True)
    directory_at = models.DateTimeField(null=True, blank=True)
    directory_note = models.TextField(blank=True, default="")
    last_event_at = models.DateTimeField(null=True, blank=True)
    received = models.PositiveBigIntegerField(default=0)
    found_later = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("subscription")
        default_permissions = ("view", "rerun")

    def __str__(self) -> str:
        return str(self.connection)


class Listed(models.Model):
    """A camera, agent, watchlist or profile that the platform listed: what is missing later was deleted there."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    uuid = models.UUIDField()
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "uuid"], name="omni_listed_is_one_per_platform"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class Window(models.TextChoices):
    VISIT = "VISIT", _("while a visit of the camera is open at the order")
    ORDER = "ORDER", _("while the order is open")


class JoinRule(models.Model):
    """An explicit rule by which recognitions of some cameras join the work order of an asset or a site."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, default=default_workspace_id, related_name="+")
    name = models.CharField(max_length=100)
    enabled = models.BooleanField(default=True)
    cameras: "models.JSONField[Any, Any]" = models.JSONField(help_text=_("Ids of cameras."))
    event_types: "models.JSONField[Any, Any]" = models.JSONField(
        default=list, blank=True, help_text=_("Empty: all types.")
    )
    asset = models.CharField(max_length=200, blank=True, default="", help_text=_("The order's asset, as written."))
    site = models.CharField(max_length=200, blank=True, default="", help_text=_("The order's site, as written."))
    window = models.CharField(max_length=8, choices=Window, default=Window.VISIT)
    minutes_around = models.PositiveIntegerField(
        default=0, help_text=_("How many minutes before and after it count, too.")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("join rule")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="omni_joinrule_name_is_taken")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a rule that would join everything."""
        found: dict[str, str] = {}
        try:
            self.cameras = uuids_in(self.cameras)
        except ValueError as error:
            found["cameras"] = str(error)
        if not self.cameras:
            found["cameras"] = "Name at least one camera: a rule for every camera would join everything."
        if not self.asset and not self.site:
            found["asset"] = "Name an asset or a site: it says which work orders are meant."
        types = self.event_types or []
        if not isinstance(types, list) or any(str(each).upper() not in TYPES for each in types):
            found["event_types"] = f"Types are {', '.join(TYPES)}."
        if found:
            raise ValidationError(found)
        self.event_types = [str(each).upper() for each in types]


class Recognition(Work):
    """One recognition event that a rule concerns; once it is joined, it belongs to its subject."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="+")
    rule = models.ForeignKey(JoinRule, models.SET_NULL, null=True, related_name="recognitions")
    rule_name = models.CharField(max_length=100, blank=True, default="")

    objects = WorkQuerySet["Recognition"].as_manager()

    class Meta(Work.Meta):
        verbose_name = _("recognition")
        constraints = [
            models.UniqueConstraint(fields=["event", "rule"], name="omni_recognition_is_judged_once_per_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.event.type} of {self.event.occurred_at:%Y-%m-%d %H:%M:%S}"
