"""What recognition events refer to: agents, cameras, watchlists (profile groups) and profiles, per workspace."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Workspace


class _Known(models.Model):
    """Something of a recognition platform, under the id that the platform gave it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    uuid = models.UUIDField(_("id"))
    title = models.CharField(max_length=300, blank=True, default="")
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.title or str(self.uuid)


def _once(name: str) -> list[models.BaseConstraint]:
    return [models.UniqueConstraint(fields=["workspace", "uuid"], name=f"events_{name}_is_known_once")]


class Agent(_Known):
    """A video analytics program near the cameras."""

    class Meta(_Known.Meta):
        verbose_name = _("agent")
        constraints = _once("agent")


class Camera(_Known):
    """A video source, owned by one agent. `stream` may hold credentials."""

    type = models.CharField(max_length=40, blank=True, default="")
    stream = models.CharField(max_length=2048, blank=True, default="")
    real_name = models.CharField(max_length=300, blank=True, default="")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    agent_id = models.UUIDField(null=True, blank=True)

    class Meta(_Known.Meta):
        verbose_name = _("camera")
        constraints = _once("camera")


class Watchlist(_Known):
    """A named set of profiles; the vendor's API calls it a profile group."""

    color = models.CharField(max_length=40, blank=True, default="")

    class Meta(_Known.Meta):
        verbose_name = _("watchlist")
        constraints = _once("watchlist")


class Profile(_Known):
    """A known person. A deleted one keeps, for a day, its id and the groups it was in; nothing else."""

    age = models.PositiveSmallIntegerField(null=True, blank=True)
    gender = models.CharField(max_length=20, blank=True, default="")
    avatar_id = models.UUIDField(null=True, blank=True)
    main_sample_id = models.UUIDField(null=True, blank=True)
    watchlists = models.ManyToManyField(Watchlist, related_name="profiles", blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, db_index=True)
    tombstone: "models.JSONField[Any, Any]" = models.JSONField(default=list, editable=False)

    class Meta(_Known.Meta):
        verbose_name = _("profile")
        constraints = _once("profile")
