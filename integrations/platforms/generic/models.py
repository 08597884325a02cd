"""Any system: how its webhooks, or its list of changes, become work orders."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection
from integrations.core.work import ENDED_STATES, Standing, StandingQuerySet, WorkState
from integrations.platforms.generic import polling, reading

MACHINE_FIELDS = (
    *(field.name for field in Standing._meta.local_fields),
    "since",
    "position",
    "last_polled_at",
    "failing_since",
)


class WorkOrderFeedQuerySet(StandingQuerySet["WorkOrderFeed"]):
    def attach(self, rows: "Sequence[WorkOrderFeed]") -> None:
        for row in rows:
            row.connection = Connection.remembered(row.connection_id)


class WorkOrderFeed(Standing):
    """How work orders come from a system of record: expressions over one item, and a poll of what changed."""

    connection = models.OneToOneField(Connection, models.PROTECT, related_name="work_order_feed")
    items = models.CharField(
        max_length=300, blank=True, default="", help_text=_("JMESPath to the list; empty: the body is one, or a list.")
    )
    external_id = models.CharField(max_length=300, help_text=_("JMESPath over one item."))
    fields = models.JSONField(default=dict, blank=True, help_text=_("Work order field → JMESPath over one item."))
    poll_path = models.CharField(
        max_length=500,
        blank=True,
        default="",
        help_text=_("Holds {since}, and {cursor}, {page} or {offset} where the list has pages; empty: no poll."),
    )
    poll_document = models.TextField(
        blank=True, default="", help_text=_("GraphQL query with $since, and $cursor or $offset; empty: REST.")
    )
    poll_next = models.CharField(
        max_length=300, blank=True, default="", help_text=_("JMESPath to the next page's address or cursor.")
    )
    poll_minutes = models.PositiveIntegerField(default=15)
    overlap_minutes = models.PositiveIntegerField(default=10, help_text=_("How far back each poll looks again."))
    first_days = models.PositiveIntegerField(default=30, help_text=_("How far back the first poll looks."))
    since = models.DateTimeField(null=True, blank=True, editable=False)
    position = models.JSONField(default=dict, blank=True, editable=False)
    last_polled_at = models.DateTimeField(null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords(excluded_fields=list(MACHINE_FIELDS))

    objects = WorkOrderFeedQuerySet.as_manager()

    class Meta(Standing.Meta):
        verbose_name = _("work order feed")
        default_permissions = ["add", "change", "delete", "view", "rerun"]
        constraints = [
            models.CheckConstraint(condition=models.Q(poll_minutes__gt=0), name="generic_workorderfeed_polls_at_times"),
        ]

    def __str__(self) -> str:
        return f"work orders of {self.connection}"

    @property
    def polls(self) -> bool:
        return bool(self.poll_path or self.poll_document)

    @property
    def expressions(self) -> reading.Expressions:
        return reading.Expressions(items=self.items, external_id=self.external_id, fields=self.fields)

    @property
    def page_rules(self) -> polling.PageRules:
        return polling.PageRules(path=self.poll_path, document=self.poll_document, next=self.poll_next)

    def clean(self) -> None:
        found = reading.problems(self.expressions) | polling.problems(self.page_rules)
        if found:
            raise ValidationError(found)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save what a person configures; the life cycle of an existing row is its worker's."""
        if self.pk and not kwargs.get("update_fields") and not kwargs.get("force_insert"):
            own = (field for field in self._meta.concrete_fields if not field.primary_key)
            kwargs["update_fields"] = [field.name for field in own if field.name not in MACHINE_FIELDS]
        super().save(*args, **kwargs)
        ended = type(self).objects.filter(pk=self.pk, state__in=ENDED_STATES)
        if self.polls and ended.update(state=WorkState.DUE, due_at=timezone.now()):
            self.refresh_from_db(fields=["state", "due_at"])
