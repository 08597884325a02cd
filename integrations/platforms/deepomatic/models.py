"""What the vendor calls our orders, photos on their way to it, and corrections to be repeated there."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.camera.models import FieldOrder
from integrations.connections.models import Connection
from integrations.core.work import Work, WorkQuerySet

CORRECT_TASK = "deepomatic.correct"


class VendorOrder(models.Model):
    """One order of ours on one site of the vendor's. `busy_until`: one analysis of an order at a time (5.31)."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    order = models.ForeignKey(FieldOrder, models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=120, blank=True, default="")
    busy_until = models.DateTimeField(null=True, blank=True)
    busy_token = models.UUIDField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["connection", "order"], name="deepomatic_vendororder_is_one_per_site"),
        ]

    def __str__(self) -> str:
        return self.external_id or f"not made yet, for {self.order_id}"


class SentPhoto(models.Model):
    """A photo that may be there: noted before it is sent, so that a retry looks for it first (5.30).

    `run`: the analysis run that sends it; `before`: the inputs that the order had until then.
    """

    order = models.ForeignKey(VendorOrder, models.CASCADE, related_name="sent")
    run = models.PositiveBigIntegerField(unique=True)
    before = models.JSONField(default=list)
    sent_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"sent by run {self.run}"


class CorrectionPush(Work):
    """A correction made here that is to be made there, once for each photo and task."""

    order = models.ForeignKey(VendorOrder, models.CASCADE, related_name="corrections")
    input_uuid = models.UUIDField()
    task = models.CharField(max_length=128)
    value = models.JSONField()

    objects = WorkQuerySet["CorrectionPush"].as_manager()

    class Meta(Work.Meta):
        verbose_name = _("correction at Deepomatic")
        verbose_name_plural = _("corrections at Deepomatic")
        constraints = [
            models.UniqueConstraint(fields=["order", "input_uuid", "task"], name="deepomatic_correction_is_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.value}"
