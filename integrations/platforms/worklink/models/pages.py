"""The hosted page of a work order, for systems that cannot build links."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection
from integrations.core.ids import random_token
from integrations.workorders.models import WorkOrder


def new_page_token() -> str:
    """Return 43 characters, 256 bits that nobody guesses."""
    return random_token(32)


class LinkPage(models.Model):
    """The links of one order over one connection behind an address of their own. The address is the secret."""

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True, default=new_page_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("link page")
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(fields=["connection", "work_order"], name="worklink_linkpage_is_one_per_order"),
        ]

    def __str__(self) -> str:
        return f"link page {self.pk}"

    def is_open(self, *, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def address(self) -> str:
        """The absolute address; whoever has it sees the page."""
        return str(settings.PUBLIC_URL) + reverse("worklink:link_page", args=[self.token])
