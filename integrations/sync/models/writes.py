"""The lane of a record, and the ledger of what was done on it."""

from collections.abc import Sequence

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection
from integrations.core.ids import current_correlation_id
from integrations.core.lanes import LaneQuerySet
from integrations.core.work import Standing
from integrations.sync.choices import Verdict, WriteKind, WriteState
from integrations.sync.models.operations import Operation


class RecordLaneQuerySet(LaneQuerySet["RecordLane"]):
    def attach(self, rows: "Sequence[RecordLane]") -> None:
        for row in rows:
            row.connection = Connection.remembered(row.connection_id)


class RecordLane(Standing):
    """One record of one system. Only the holder of its lane sends, so writes to a record keep their order."""

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="lanes")
    record_key = models.CharField(max_length=200)
    choices = models.JSONField(default=dict, blank=True, editable=False)

    objects = RecordLaneQuerySet.as_manager()

    class Meta(Standing.Meta):
        verbose_name = _("lane")
        constraints = [
            models.UniqueConstraint(fields=["connection", "record_key"], name="sync_recordlane_is_one_per_record")
        ]
        indexes = [
            *Standing.Meta.indexes,
            models.Index(fields=["record_key"], opclasses=["varchar_pattern_ops"], name="sync_recordlane_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.record_key}"


OPEN_WRITES = (WriteState.WAITING, WriteState.SENT)


class RecordWriteQuerySet(models.QuerySet["RecordWrite"]):
    def open(self) -> "RecordWriteQuerySet":
        return self.filter(state__in=OPEN_WRITES)

    def numbered(self) -> "RecordWriteQuerySet":
        """Writes that were about to leave at least once, or were on the record already."""
        return self.filter(generation__isnull=False)

    def of_origin(self, origin: str) -> "RecordWriteQuerySet":
        """Writes that one run of a script asked for."""
        return self.filter(origin=origin, ordinal__isnull=False)

    def of_effect(self, write: "RecordWrite") -> "RecordWriteQuerySet":
        """Writes of the same effect: operation, record, source and name."""
        return self.filter(
            lane=write.lane_id,
            kind=write.kind,
            operation=write.operation_id,
            source_type=write.source_type,
            source_id=write.source_id,
            name=write.name,
        )


class RecordWrite(models.Model):
    """The ledger: one intended effect on one record, from intent to verdict.

    `origin` and `ordinal`: the script's run (`scriptrun/12`) that asked for it, and the how manieth of its writes it
    is. `arguments_hash`: what it asked for; `given`: what it gave an operation; `reply`: `{status, headers, text}`.
    """

    lane = models.ForeignKey(RecordLane, models.PROTECT, related_name="writes")
    kind = models.CharField(max_length=9, choices=WriteKind, default=WriteKind.OPERATION)
    operation = models.ForeignKey(Operation, models.PROTECT, null=True, blank=True, related_name="writes")
    origin = models.CharField(max_length=80, blank=True, default="")
    ordinal = models.PositiveIntegerField(null=True, blank=True)
    arguments_hash = models.CharField(max_length=64, blank=True, default="")
    given = models.JSONField(null=True, blank=True)
    reply = models.JSONField(null=True, blank=True)
    event_id = models.PositiveBigIntegerField(null=True, editable=False)
    event_type = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=12, default="live")
    source_type = models.CharField(max_length=60)
    source_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True, default="")
    occurred_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=WriteState, default=WriteState.WAITING)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True, default="")
    note = models.TextField(blank=True, default="")
    generation = models.PositiveIntegerField(null=True)
    key = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  null: many rows have none
    content_hash = models.CharField(max_length=64, blank=True, default="")
    content = models.JSONField(null=True, blank=True)
    request = models.JSONField(null=True, blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True, default="")
    read_back = models.JSONField(null=True, blank=True)
    target_id = models.CharField(max_length=200, blank=True, default="")
    candidates = models.JSONField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    sends = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    first_tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True)
    correlation_id = models.CharField(max_length=40, blank=True, default=current_correlation_id, db_index=True)

    objects = RecordWriteQuerySet.as_manager()

    class Meta:
        verbose_name = _("write")
        default_permissions = ["view", "rerun"]
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "event_id", "name"],
                condition=Q(ordinal__isnull=True),
                name="sync_recordwrite_is_one_per_event_and_mapping",
            ),
            models.UniqueConstraint(
                fields=["origin", "ordinal"],
                condition=Q(ordinal__isnull=False),
                name="sync_recordwrite_ordinal_is_used_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="RAW", operation__isnull=True) | Q(kind="OPERATION", operation__isnull=False),
                name="sync_recordwrite_raw_has_no_operation",
            ),
            models.CheckConstraint(
                condition=Q(origin="", ordinal__isnull=True) | (~Q(origin="") & Q(ordinal__isnull=False)),
                name="sync_recordwrite_origin_has_an_ordinal",
            ),
            models.UniqueConstraint(
                fields=["operation", "lane", "source_type", "source_id", "name", "generation"],
                condition=Q(generation__isnull=False),
                name="sync_recordwrite_generation_is_written_once",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(key__isnull=False), name="sync_recordwrite_key_is_unique"
            ),
        ]
        indexes = (
            models.Index(fields=["lane", "id"], condition=Q(state__in=OPEN_WRITES), name="sync_recordwrite_open"),
            models.Index(
                fields=["lane", "operation", "id"],
                condition=Q(generation__isnull=False),
                name="sync_recordwrite_numbered",
            ),
            models.Index(fields=["target_id"], condition=~Q(target_id=""), name="sync_recordwrite_target"),
            models.Index(fields=["origin"], condition=~Q(origin=""), name="sync_recordwrite_origin"),
            models.Index(fields=["created_at"], name="sync_recordwrite_created_at"),
        )

    def __str__(self) -> str:
        return f"write {self.pk}"

    @property
    def is_raw(self) -> bool:
        return self.kind == WriteKind.RAW

    @property
    def called(self) -> str:
        """What a person calls it: its mapping's name, or the one that the script gave it."""
        return self.name if self.operation is None else self.operation.name
