"""Writing into systems of record: what to do, on which record, in which order, and the ledger of what was done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection
from integrations.core.ids import current_correlation_id
from integrations.core.work import Claim, Standing, StandingQuerySet, WorkState
from integrations.sync.choices import (
    FieldType,
    KeyPlace,
    OperationKind,
    Protocol,
    Verdict,
    WhenUnsure,
    WriteState,
)
from integrations.sync.validation import mapping_problems, operation_problems, raise_for

__all__ = [
    "DRAIN_TASK",
    "OPEN_WRITES",
    "FieldMapping",
    "FieldType",
    "KeyPlace",
    "Operation",
    "OperationKind",
    "Protocol",
    "RecordLane",
    "RecordLaneQuerySet",
    "RecordWrite",
    "RecordWriteQuerySet",
    "Verdict",
    "WhenUnsure",
    "WriteState",
]

DRAIN_TASK = "sync.drain"


class Operation(models.Model):
    """One configured thing to do on a system of record. Templates hold `{expressions}` over the context.

    Context of a template: the source's own (`session`, `order`, …), `external_id` (what the system calls the record),
    `record` (as looked up), `fields` (the mapped fields), `key` (names the effect: the same for every try), `marker`,
    `child` (a child record that was created before: its `id`), `file` (`name`, `content_type`, `size`, `sha256`).
    """

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="operations")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=OperationKind)
    enabled = models.BooleanField(default=True)
    source_type = models.CharField(max_length=60, blank=True, default="")
    event_types = models.JSONField(default=list, blank=True)
    condition = models.TextField(blank=True, default="", help_text=_("JMESPath over the context; empty: always."))
    lookup = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, limit_choices_to={"kind": "LOOKUP"}, related_name="used_by"
    )
    protocol = models.CharField(max_length=8, choices=Protocol, default=Protocol.REST)
    method = models.CharField(max_length=8, blank=True, default="")
    path = models.CharField(max_length=500, blank=True, default="")
    query = models.JSONField(default=dict, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    body = models.JSONField(null=True, blank=True)
    document = models.TextField(blank=True, default="", help_text=_("GraphQL document."))
    file_field = models.CharField(max_length=60, blank=True, default="", help_text=_("Multipart name; empty: raw."))
    success = models.TextField(blank=True, default="", help_text=_("JMESPath over {status, headers, body}."))
    already_exists = models.TextField(blank=True, default="", help_text=_("Condition on an answer that means: done."))
    # look-up: where the found records are, which id they have, when they count as closed
    records = models.TextField(blank=True, default="", help_text=_("JMESPath to the list of found records."))
    record_id = models.CharField(
        max_length=200, blank=True, default="id", help_text=_("JMESPath to the id of a found record or child.")
    )
    closed = models.TextField(blank=True, default="", help_text=_("Condition on a record that is closed."))
    wait_hours = models.FloatField(default=24.0, help_text=_("How long a record that is not there yet is waited for."))
    # a child record: the id it was given, and how it is changed later; all empty: it is created once and left alone
    created_id = models.CharField(
        max_length=200, blank=True, default="", help_text=_("JMESPath over the answer to the new child's id.")
    )
    update_method = models.CharField(max_length=8, blank=True, default="")
    update_path = models.CharField(max_length=500, blank=True, default="")
    update_document = models.TextField(blank=True, default="")
    # read-back: a second request, and what it must show
    readback_method = models.CharField(max_length=8, blank=True, default="GET")
    readback_path = models.CharField(max_length=500, blank=True, default="")
    readback_query = models.JSONField(default=dict, blank=True)
    readback_document = models.TextField(blank=True, default="")
    readback_body = models.JSONField(null=True, blank=True)
    readback_expect = models.TextField(
        blank=True, default="", help_text=_("UPDATE: JMESPath to the record. Others: to the list of children.")
    )
    marker = models.CharField(max_length=200, blank=True, default="", help_text=_("Template of a text to look for."))
    key_place = models.CharField(max_length=8, choices=KeyPlace, default=KeyPlace.NONE)
    key_header = models.CharField(max_length=60, default="Idempotency-Key")
    when_unsure = models.CharField(max_length=8, choices=WhenUnsure, default=WhenUnsure.ASK)
    all_or_nothing = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(excluded_fields=["changed_at"])

    class Meta:
        verbose_name = _("mapping")
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="sync_operation_name_is_taken"),
            models.CheckConstraint(
                condition=Q(kind="LOOKUP") | ~Q(source_type=""), name="sync_operation_writes_from_a_source"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """:raises ValidationError: naming each field, placeholder or condition that is refused, and why"""
        raise_for(operation_problems(self))


class FieldMapping(models.Model):
    """One field of the context → one field of the target record."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="field_mappings")
    position = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=500, help_text=_("A field of the source, or a JMESPath expression."))
    target = models.CharField(max_length=200, help_text=_("Dotted name of the target field."))
    type = models.CharField(max_length=8, choices=FieldType, default=FieldType.AS_IS)
    format = models.CharField(max_length=60, blank=True, default="")
    time_zone = models.CharField(max_length=50, blank=True, default="")
    default = models.JSONField(null=True, blank=True)
    skip_if_empty = models.BooleanField(default=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["operation", "target"], name="sync_fieldmapping_target_is_written_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and tell the workers that the operation changed."""
        super().save(*args, **kwargs)
        Operation.objects.filter(pk=self.operation_id).update(changed_at=timezone.now())

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete, and tell the workers that the operation changed."""
        Operation.objects.filter(pk=self.operation_id).update(changed_at=timezone.now())
        return super().delete(*args, **kwargs)

    def clean(self) -> None:
        """:raises ValidationError: naming what is refused, and why"""
        raise_for(mapping_problems(self))


class RecordLaneQuerySet(StandingQuerySet["RecordLane"]):
    def attach(self, rows: "Sequence[RecordLane]") -> None:
        for row in rows:
            row.connection = Connection.remembered(row.connection_id)

    def for_run(self) -> "RecordLaneQuerySet":
        return self.select_related("connection")

    def want(self, *, now: datetime, **values: Any) -> int:
        """As for all standing work; a lane that only waits for a time of its own, not held by a failure, is due now."""
        resting = Q(state=WorkState.DUE, retry_since__isnull=True, due_at__gt=now)
        self.filter(resting).update(due_at=now)
        return super().want(now=now, **values)

    def rest(self, claim: Claim, *, due_at: datetime, note: str) -> bool:
        """Let the lane wait without counting an attempt; due at once if it was wanted since the claim."""
        if self.held(claim).filter(wanted=claim.row.wanted).update(**_resting(due_at, note)) == 1:
            return True
        return self.held(claim).update(**_resting(timezone.now(), note)) == 1


def _resting(due_at: datetime, note: str) -> dict[str, Any]:
    return {
        "state": WorkState.DUE,
        "due_at": due_at,
        "note": note,
        "claim_token": None,
        "deaths": 0,
        "attempts": F("attempts") - 1,
        "retry_since": None,
    }


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

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.record_key}"


OPEN_WRITES = (WriteState.WAITING, WriteState.SENT)


class RecordWriteQuerySet(models.QuerySet["RecordWrite"]):
    def open(self) -> "RecordWriteQuerySet":
        return self.filter(state__in=OPEN_WRITES)

    def numbered(self) -> "RecordWriteQuerySet":
        """Writes that were about to leave at least once."""
        return self.filter(generation__isnull=False)

    def of_effect(self, write: "RecordWrite") -> "RecordWriteQuerySet":
        """Writes of the same effect: operation, record, source and name."""
        return self.filter(
            lane=write.lane_id,
            operation=write.operation_id,
            source_type=write.source_type,
            source_id=write.source_id,
            name=write.name,
        )


class RecordWrite(models.Model):
    """The ledger: one intended effect on one record, from intent to verdict."""

    lane = models.ForeignKey(RecordLane, models.PROTECT, related_name="writes")
    operation = models.ForeignKey(Operation, models.PROTECT, related_name="writes")
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
                fields=["operation", "event_id", "name"], name="sync_recordwrite_is_one_per_event_and_operation"
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
            models.Index(fields=["created_at"], name="sync_recordwrite_created_at"),
        )

    def __str__(self) -> str:
        return f"write {self.pk}"
