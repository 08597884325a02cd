"""How a walk over everything that the CMS lists went."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection


class Reconciliation(models.Model):
    """One walk over all objects of a type: how many there are, and how many of them no webhook had told us of."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    resource_type = models.CharField(max_length=60)
    cursor = models.CharField(max_length=300, blank=True, default="")
    since = models.DateTimeField(help_text=_("Objects that started earlier are left out."))
    since_persistent = models.DateTimeField(help_text=_("The same for persistent sessions, which may go on for weeks."))
    pages = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    untold = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource_type"],
                condition=Q(finished_at__isnull=True),
                name="worklink_reconciliation_one_at_a_time",
            ),
        ]
        indexes = (
            models.Index(fields=["connection", "resource_type", "-started_at"], name="worklink_reconciliation_latest"),
        )

    def __str__(self) -> str:
        return f"{self.resource_type} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def told(self) -> int:
        return self.seen - self.untold
