"""Sending again what has ended: slow work in portions, so that what is new does not wait behind all of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Workspace
from integrations.core.work import Work, WorkQuerySet
from integrations.outbox.models.destinations import Destination


class Resend(Work):
    """Deliveries to be sent again, in their order. `reached_id` is the last one that was looked at.

    Which: those whose message came from `start` until before `end`, or only those of `delivery_ids`; of one
    destination or of all; without `everything` only those that were not delivered.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    destination = models.ForeignKey(Destination, models.CASCADE, null=True, blank=True, related_name="+")
    start = models.DateTimeField()
    end = models.DateTimeField(help_text=_("Not included."))
    delivery_ids = models.JSONField(default=list, blank=True, editable=False)
    everything = models.BooleanField(default=False)
    asked_by = models.CharField(max_length=150)
    stopped_by = models.CharField(max_length=150, blank=True, default="")
    total = models.PositiveIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    resent = models.PositiveIntegerField(default=0)
    reached_id = models.PositiveBigIntegerField(default=0)

    objects = WorkQuerySet["Resend"].as_manager()

    class Meta(Work.Meta):
        verbose_name = _("resend")
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} – {self.end:%Y-%m-%d %H:%M} UTC"
