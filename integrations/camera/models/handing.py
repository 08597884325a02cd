"""Users handed over to a vendor's own camera."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.camera.models.orders import Input, WorkItem
from integrations.camera.models.visits import Visit
from integrations.core.work import Work, WorkQuerySet

HAND_OVER_TASK = "camera.hand_over"


class Phase(models.TextChoices):
    GOING = "GOING", _("getting ready over there")
    AWAY = "AWAY", _("at the vendor's camera")
    BACK = "BACK", _("back: reading what was taken")
    OVER = "OVER", _("over")


class HandOverQuerySet(WorkQuerySet["HandOver"]):
    def fetch(self, *, said: Mapping[str, str], now: datetime) -> int:
        """Let what was taken be read, of those who are away; for all others nothing changes."""
        back = {"phase": Phase.BACK, "said": dict(said), "back_at": now}
        return self.filter(phase=Phase.AWAY).rerun(now=now, **back)


class HandOver(Work):
    """One user's way to the vendor's camera and back: work before they go, and again when they are back.

    `marks` are the engine's; `said` is what the browser brought: a hint. `photo`: the newest one that came of it.
    """

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="hand_overs")
    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="hand_overs")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    phase = models.CharField(max_length=5, choices=Phase, default=Phase.GOING)
    marks = models.JSONField(default=dict, blank=True)
    said = models.JSONField(default=dict, blank=True)
    photo = models.ForeignKey(Input, models.SET_NULL, null=True, blank=True, related_name="+")
    step = models.CharField(max_length=60, blank=True, default="", help_text=_("Shown to whoever waits."))
    opened_at = models.DateTimeField(null=True, blank=True)
    back_at = models.DateTimeField(null=True, blank=True)

    objects = HandOverQuerySet.as_manager()

    class Meta(Work.Meta):
        verbose_name = _("hand-over")

    def __str__(self) -> str:
        return f"hand-over {self.pk}"
