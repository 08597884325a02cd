"""What to do on a system of record: operations and their field mappings."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection
from integrations.sync.choices import FieldType, KeyPlace, OperationKind, Protocol, WhenUnsure
from integrations.sync.validation import mapping_problems, operation_problems, raise_for


class Operation(models.Model):
    """One configured thing to do on a system of record. Templates hold `{expressions}` over the context.

    Context of a template: the source's own (`session`, `order`, …), `external_id` (what the system calls the record),
    `record` (as looked up), `fields` (the mapped fields), `key` (names the effect: the same for every try), `marker`,
    `child` (a child record that was created before: its `id`), `file` (`name`, `content_type`, `size`, `sha256`),
    `input` (what a script gave; null otherwise).
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
    try_again = models.TextField(
        blank=True, default="", help_text=_("Condition on an answer that means: not done, and worth trying again.")
    )
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
    readback_headers = models.JSONField(
        default=dict, blank=True, help_text=_("Beside the request's own headers; an empty value leaves one out.")
    )
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
