"""What was measured of each job, what it was made from, and what is still to be measured."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.analytics.models.choosing import BusinessCalendar
from integrations.connections.models import Workspace
from integrations.workorders.models import WorkOrder


class LeftOutReason(models.TextChoices):
    """Why a job is in no cohort; by the names of `resolution.LeftOut`."""

    NOT_OPENED = "NOT_OPENED", _("It has no opening time.")
    NOT_RESOLVED = "NOT_RESOLVED", _("It is not resolved.")
    BACKWARDS = "BACKWARDS", _("It was resolved before it was opened.")


class MeasuredJob(models.Model):
    """A work order as the report counts it: one row by the clock (no calendar), and one by each calendar.

    `bucket`: the class of `seconds` (`analytics.spread`). `counted_at` places it in a period: resolved, else opened,
    else first heard of.
    """

    # It outlives its order, as the tally counts it.
    work_order = models.ForeignKey(WorkOrder, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    calendar = models.ForeignKey(BusinessCalendar, models.CASCADE, null=True, related_name="+", db_index=False)
    counted_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    priority = models.CharField(max_length=60, blank=True, default="")
    site = models.CharField(max_length=200, blank=True, default="")
    asset_class = models.CharField(max_length=100, blank=True, default="")
    left_out = models.CharField(max_length=12, blank=True, default="", choices=LeftOutReason)
    with_call = models.BooleanField(default=False)
    seconds = models.FloatField(null=True)
    bucket = models.SmallIntegerField(null=True)
    calls = models.PositiveIntegerField(default=0)
    call_seconds = models.FloatField(default=0)
    first_call_at = models.DateTimeField(null=True)
    last_call_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("measured job")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["work_order", "calendar"], name="analytics_job_is_measured_once"),
            models.UniqueConstraint(
                fields=["work_order"], condition=Q(calendar__isnull=True), name="analytics_job_is_once_by_the_clock"
            ),
            models.CheckConstraint(
                condition=Q(left_out="", seconds__isnull=False, bucket__isnull=False)
                | (~Q(left_out="") & Q(seconds__isnull=True, bucket__isnull=True)),
                name="analytics_job_has_a_time_or_a_reason",
            ),
        ]
        indexes = (
            # The whole report is read from this one; nothing of the table itself.
            models.Index(
                fields=["workspace", "calendar", "counted_at", "work_order"],
                include=["left_out", "with_call", "priority", "bucket", "seconds", "site", "asset_class"],
                name="analytics_job_report",
            ),
            # Pages of jobs by the clock: PostgreSQL takes no order from an index after "is null".
            models.Index(
                fields=["workspace", "-counted_at", "-work_order"],
                condition=Q(calendar__isnull=True),
                name="analytics_job_newest",
            ),
            # The few classes of times in which a median lies.
            models.Index(
                fields=["workspace", "calendar", "bucket"],
                include=["with_call", "priority", "seconds", "counted_at", "left_out", "site", "asset_class"],
                name="analytics_job_class",
            ),
            # A site or a class of assets, which the tally does not tell apart.
            models.Index(
                fields=["workspace", "calendar", "site", "counted_at"],
                include=["left_out", "with_call", "priority", "bucket", "seconds", "asset_class"],
                condition=~Q(site=""),
                name="analytics_job_site",
            ),
            models.Index(
                fields=["workspace", "calendar", "asset_class", "counted_at"],
                include=["left_out", "with_call", "priority", "bucket", "seconds", "site"],
                condition=~Q(asset_class=""),
                name="analytics_job_asset_class",
            ),
        )

    def __str__(self) -> str:
        return f"{self.work_order_id}"


class JobTally(models.Model):
    """How many jobs of a month are in a group and a class of times; rows of a group add up (`analytics.tally`)."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    calendar = models.ForeignKey(BusinessCalendar, models.CASCADE, null=True, related_name="+", db_index=False)
    month = models.DateField()
    priority = models.CharField(max_length=60, blank=True, default="")
    left_out = models.CharField(max_length=12, blank=True, default="")
    with_call = models.BooleanField()
    bucket = models.SmallIntegerField(null=True)
    n = models.BigIntegerField()
    seconds = models.FloatField()
    fresh = models.BooleanField()

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index(fields=["workspace", "calendar", "month"], name="analytics_tally_report"),
            models.Index(fields=["id"], condition=Q(fresh=True), name="analytics_tally_fresh"),
        )

    def __str__(self) -> str:
        return f"{self.month}: {self.n}"


class CallFact(models.Model):
    """A call of a work order as it was last counted. It stays when retention has deleted the call itself."""

    work_order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="+")
    source_type = models.CharField(max_length=60)
    source_id = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    connected = models.BooleanField()
    seconds = models.FloatField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["source_type", "source_id"], name="analytics_callfact_is_one_per_call"),
        ]

    def __str__(self) -> str:
        return f"{self.source_type} {self.source_id}"


class StaleJob(models.Model):
    """A work order, or a call, that changed since it was measured. Rows are added and taken away, never changed."""

    work_order = models.BigIntegerField()  # no key: what is added with a fact must not fail because an order went
    source_type = models.CharField(max_length=60, blank=True, default="")
    source_id = models.CharField(max_length=64, blank=True, default="")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.work_order)


class JobWord(models.Model):
    """A priority, site or class that some job has, for the report's choices."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    word = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "word"], name="analytics_jobword_is_kept_once"),
        ]

    def __str__(self) -> str:
        return self.word


class Recount(models.Model):
    """One row: how far all jobs have been measured anew. Its lock lets one worker measure at a time."""

    after = models.BigIntegerField(default=0, help_text=_("Work orders up to this number are done."))
    until = models.BigIntegerField(default=0)
    why = models.CharField(max_length=200, blank=True, default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.after} of {self.until}"

    @property
    def running(self) -> bool:
        return self.after < self.until
