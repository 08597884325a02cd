"""Any system: how its webhooks, or its list of changes, become work orders."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection
from integrations.core.work import Standing


class WorkOrderFeed(Standing):
    """How work orders come from a system of record: expressions over one item, and a poll of what changed."""

    connection = models.OneToOneField(Connection, models.PROTECT, related_name="work_order_feed")
    items = models.CharField(max_length=300, blank=True, default="", help_text=_("JMESPath to the list; empty: one."))
    external_id = models.CharField(max_length=300, help_text=_("JMESPath over one item."))
    fields = models.JSONField(default=dict, help_text=_("Work order field → JMESPath over one item."))
    closed = models.CharField(max_length=300, blank=True, default="")
    poll_path = models.CharField(max_length=500, blank=True, default="", help_text=_("Holds {since}; empty: no poll."))
    poll_next = models.CharField(max_length=300, blank=True, default="", help_text=_("JMESPath to the next page."))
    poll_minutes = models.PositiveIntegerField(default=15)
    since = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords(excluded_fields=["state", "due_at", "claim_token", "attempts", "deaths", "note"])

    class Meta(Standing.Meta):
        verbose_name = _("work order feed")
        default_permissions = ("add", "change", "delete", "view", "rerun")

    def __str__(self) -> str:
        return f"work orders of {self.connection}"
