"""Runs of scripts: one lane for each script and work order, its runs in order, and what each of them did."""

from collections.abc import Sequence
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.core.ids import current_correlation_id
from integrations.core.lanes import LaneQuerySet
from integrations.core.work import Claim, Standing, StandingQuerySet, WorkState
from integrations.scripts.models import shares
from integrations.scripts.models.definition import Script, ScriptVersion

DRAIN_TASK = "scripts.drain"
TIMER_TASK = "scripts.tick"


class ScriptLaneQuerySet(LaneQuerySet["ScriptLane"]):
    def attach(self, rows: "Sequence[ScriptLane]") -> None:
        for row in rows:
            row.script = Script.remembered(row.script_id)

    def claim_due(self, *, now: datetime, limit: int = 1) -> list[Claim]:
        """Take one due lane, of a script and a system that do not fill their share of the workers already."""
        lanes = ScriptLane.objects.all()
        full = shares.full(lanes.filter(state=WorkState.RUNNING, due_at__gt=now))
        if not full:
            return super().claim_due(now=now, limit=1)
        free = lanes.due(now).exclude(script_id__in=full).order_by("due_at")
        claims = (lanes.claim(pk, now=now) for pk in free.values_list("pk", flat=True)[:4])
        first = next(filter(None, claims), None)
        return [first] if first else []


class ScriptLane(Standing):
    """Where the runs of a script keep their order: one work order, one session, one batch, or its schedule."""

    script = models.ForeignKey(Script, models.CASCADE, related_name="lanes")
    key = models.CharField(max_length=200)

    objects = ScriptLaneQuerySet.as_manager()

    class Meta(Standing.Meta):
        verbose_name = _("script lane")
        constraints = [
            models.UniqueConstraint(fields=["script", "key"], name="scripts_scriptlane_is_one_per_script_and_key")
        ]

    def __str__(self) -> str:
        return f"{self.script_id}: {self.key}"


class ScriptTimer(Standing):
    """When a script with a cron expression runs next: its row is due then."""

    script = models.OneToOneField(Script, models.CASCADE, related_name="timer")

    objects = StandingQuerySet["ScriptTimer"].as_manager()

    class Meta(Standing.Meta):
        verbose_name = _("script timer")

    def __str__(self) -> str:
        return f"timer of {self.script_id}"


class Trigger(models.TextChoices):
    EVENT = "EVENT", _("an event")
    BATCH = "BATCH", _("a batch of events")
    SCHEDULE = "SCHEDULE", _("the schedule")
    HAND = "HAND", _("by hand")


class RunState(models.TextChoices):
    WAITING = "WAITING", _("waiting")
    DONE = "DONE", _("done")
    SKIPPED = "SKIPPED", _("skipped")
    FAILED = "FAILED", _("failed")


class ScriptRunQuerySet(models.QuerySet["ScriptRun"]):
    def open(self) -> "ScriptRunQuerySet":
        return self.filter(state=RunState.WAITING)


class ScriptRun(models.Model):
    """One run, from its trigger to its outcome. Version and input are kept at the first try, for every later one."""

    lane = models.ForeignKey(ScriptLane, models.CASCADE, related_name="runs")
    script = models.ForeignKey(Script, models.CASCADE, related_name="runs")
    version = models.ForeignKey(ScriptVersion, models.CASCADE, null=True, blank=True, related_name="runs")
    trigger = models.CharField(max_length=8, choices=Trigger, default=Trigger.EVENT)
    event_id = models.PositiveBigIntegerField(null=True, editable=False)
    event_type = models.CharField(max_length=80, blank=True, default="")
    source_type = models.CharField(max_length=60, blank=True, default="")
    source_id = models.CharField(max_length=64, blank=True, default="")
    reason = models.CharField(max_length=12, default="live")
    occurred_at = models.DateTimeField()
    collected = models.PositiveIntegerField(default=1, help_text=_("How many events it is for."))
    collecting = models.BooleanField(default=False, help_text=_("More events may still be added."))
    state = models.CharField(max_length=8, choices=RunState, default=RunState.WAITING)
    note = models.TextField(blank=True, default="")
    ending = models.CharField(max_length=10, blank=True, default="", help_text=_("How the last try ended."))
    result = models.JSONField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True)
    input = models.JSONField(null=True, blank=True)
    logs = models.JSONField(default=list, blank=True)
    asked_by = models.CharField(max_length=150, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    replays = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    first_tried_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    cpu_seconds = models.FloatField(null=True, blank=True)
    wall_seconds = models.FloatField(null=True, blank=True)
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True)
    correlation_id = models.CharField(max_length=40, blank=True, default=current_correlation_id, db_index=True)

    objects = ScriptRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        default_permissions = ("view", "rerun")
        constraints = [
            models.UniqueConstraint(fields=["script", "event_id"], name="scripts_scriptrun_is_one_per_event"),
        ]
        indexes = (
            models.Index(fields=["lane", "id"], condition=Q(state="WAITING"), name="scripts_scriptrun_open"),
            models.Index(fields=["created_at"], name="scripts_scriptrun_created_at"),
            models.Index(fields=["source_type", "source_id"], name="scripts_scriptrun_source"),
            models.Index(fields=["ended_at", "id"], name="scripts_scriptrun_ended"),
            models.Index(fields=["source_id"], condition=~Q(source_id=""), name="scripts_scriptrun_source_id"),
        )

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def origin(self) -> str:
        """What the ledger of writes calls this run: another name after a replay, which may write other things."""
        return self.origins[-1]

    @property
    def origins(self) -> list[str]:
        """What the ledger called this run first, and after each replay."""
        first = f"scriptrun/{self.pk}"
        return [first, *(f"{first}.{number}" for number in range(1, self.replays + 1))]


class RunEvent(models.Model):
    """One event of a batch, or the event that a person ran a script on."""

    run = models.ForeignKey(ScriptRun, models.CASCADE, related_name="batch")
    event_id = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["run", "event_id"], name="scripts_runevent_is_in_a_batch_once"),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id}"


class ScriptCall(models.Model):
    """One outgoing call of a run, for show: what was asked, what came, how long it took. Secrets are masked.

    `details`, beside the answer's text, for a dry run that is answered from here: `headers`, `failure`, and the
    `record` that a write looked up, with the number of its `lookup`.
    """

    run = models.ForeignKey(ScriptRun, models.CASCADE, related_name="outgoing")
    attempt = models.PositiveIntegerField()
    ordinal = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    request = models.JSONField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True, default="")
    details = models.JSONField(default=dict, blank=True)
    note = models.TextField(blank=True, default="")
    milliseconds = models.FloatField(default=0.0)
    write_id = models.PositiveBigIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("call of a run")
        default_permissions = ("view",)
        ordering = ("attempt", "ordinal")
        constraints = [
            models.UniqueConstraint(fields=["run", "attempt", "ordinal"], name="scripts_scriptcall_has_its_place")
        ]

    def __str__(self) -> str:
        return self.title
