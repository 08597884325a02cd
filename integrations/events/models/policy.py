"""How a workspace treats what it passes on."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Workspace


class DeletedProfile(models.TextChoices):
    DEGRADE = "degrade", _("pass the event on, without the profile's attributes")
    DROP = "drop", _("keep it in the log only, as OMNI Platform does")


class WebsocketAuth(models.TextChoices):
    TOKEN = "token", _("endpoint id and key")
    OPEN = "open", _("endpoint id alone, as OMNI Platform 1.18")


class EventPolicy(models.Model):
    """One row per workspace; without it the defaults hold."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="event_policy")
    deleted_profile = models.CharField(
        _("deleted profiles"),
        max_length=8,
        choices=DeletedProfile,
        default=DeletedProfile.DEGRADE,
        help_text=_("What becomes of an identification whose profile was deleted a moment before."),
    )
    mask_credentials = models.BooleanField(
        _("mask camera credentials"),
        default=True,
        help_text=_("Streams leave as rtsp://***@host/…; off: exactly as the camera is configured."),
    )
    open_images = models.BooleanField(
        _("open images"),
        default=False,
        help_text=_("Whoever has the link of a picture may see it; off: with a token or a signed link only."),
    )
    websocket_auth = models.CharField(
        _("new websocket endpoints ask for"),
        max_length=8,
        choices=WebsocketAuth,
        default=WebsocketAuth.TOKEN,
        help_text=_("For endpoints that are made without saying so, as through GraphQL."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("event policy")
        verbose_name_plural = _("event policies")

    def __str__(self) -> str:
        return str(self.workspace)

    @classmethod
    def of(cls, workspace_id: int) -> "EventPolicy":
        """Return the workspace's policy; one with the defaults, unsaved, if it has none."""
        return cls.objects.filter(workspace_id=workspace_id).first() or cls(workspace_id=workspace_id)
