"""Writing into systems of record: what to do, on which record, in which order, and the ledger of what was done."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection
from integrations.core.ids import current_correlation_id
from integrations.core.work import Standing, StandingQuerySet


class OperationKind(models.TextChoices):
    LOOKUP = "LOOKUP", _("look up the record")
    UPDATE = "UPDATE", _("update fields")
    NOTE = "NOTE", _("append a note")
    ATTACH = "ATTACH", _("attach a file")
    CREATE = "CREATE", _("create a child record")


class Protocol(models.TextChoices):
    REST = "REST", "REST"
    GRAPHQL = "GRAPHQL", "GraphQL"


class KeyPlace(models.TextChoices):
    NONE = "NONE", _("nowhere")
    HEADER = "HEADER", _("in a header")
    BODY = "BODY", _("in the body, by {key}")


class WhenUnsure(models.TextChoices):
    ASK = "ASK", _("ask an operator")
    REPEAT = "REPEAT", _("send again")


class Operation(models.Model):
    """One configured thing to do on a system of record. Templates hold `{expressions}` over the context.

    Context of a template: the source's own (`session`, `order`, …), `record` (as looked up), `key` (the write's key),
    `marker`, `fields` (the mapped fields).
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
    closed = models.TextField(blank=True, default="", help_text=_("Condition on a record that is closed."))
    wait_hours = models.FloatField(default=24.0, help_text=_("How long a record that is not there yet is waited for."))
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

    history = HistoricalRecords()

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


class FieldType(models.TextChoices):
    AS_IS = "AS_IS", _("as it is")
    TEXT = "TEXT", _("text")
    INTEGER = "INTEGER", _("whole number")
    NUMBER = "NUMBER", _("number")
    BOOLEAN = "BOOLEAN", _("yes or no")
    TIME = "TIME", _("time")
    DATE = "DATE", _("date")
    LIST = "LIST", _("list")


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


class RecordLaneQuerySet(StandingQuerySet["RecordLane"]):
    def for_run(self) -> "RecordLaneQuerySet":
        return self.select_related("connection")


class RecordLane(Standing):
    """One record of one system. Only the holder of its lane sends, so writes to a record keep their order."""

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="lanes")
    record_key = models.CharField(max_length=200)

    objects = RecordLaneQuerySet.as_manager()

    class Meta(Standing.Meta):
        verbose_name = _("lane")
        constraints = [
            models.UniqueConstraint(fields=["connection", "record_key"], name="sync_recordlane_is_one_per_record")
        ]

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.record_key}"


class WriteState(models.TextChoices):
    WAITING = "WAITING", _("waiting")
    SENT = "SENT", _("sent, not settled")
    DONE = "DONE", _("done")
    SKIPPED = "SKIPPED", _("skipped")
    FAILED = "FAILED", _("failed")
    UNSURE = "UNSURE", _("needs a decision")


OPEN_WRITES = (WriteState.WAITING, WriteState.SENT)


class Verdict(models.TextChoices):
    CONFIRMED = "CONFIRMED", _("confirmed by reading back")
    DRIFTED = "DRIFTED", _("read back differently")
    UNVERIFIED = "UNVERIFIED", _("answered, not read back")
    UNSURE = "UNSURE", _("not known")
    CAPTURED = "CAPTURED", _("recorded, not sent")


class RecordWriteQuerySet(models.QuerySet["RecordWrite"]):
    def open(self) -> "RecordWriteQuerySet":
        return self.filter(state__in=OPEN_WRITES)

    def last_confirmed(self, write: "RecordWrite") -> "RecordWrite | None":
        """Return the newest write of the same operation and source on this record that is known to be there."""
        same = self.filter(
            lane=write.lane_id, operation=write.operation_id, source_type=write.source_type,
            source_id=write.source_id, name=write.name,
        )
        known = same.filter(state=WriteState.DONE).exclude(verdict__in=("", Verdict.CAPTURED))
        return known.order_by("-generation").first()


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
    key = models.CharField(max_length=64, null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True, default="")
    content = models.JSONField(null=True, blank=True)
    request = models.JSONField(null=True, blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True, default="")
    read_back = models.JSONField(null=True, blank=True)
    target_id = models.CharField(max_length=200, blank=True, default="")
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
        default_permissions = ("view", "rerun")
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
            models.Index(fields=["created_at"], name="sync_recordwrite_created_at"),
        )

    def __str__(self) -> str:
        return f"write {self.pk}"
