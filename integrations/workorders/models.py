"""The centre: work orders, how they are called elsewhere, what was joined to them, and photos."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection, Workspace, default_workspace_id


class WorkOrder(models.Model):
    """One order of field work, whose truth lives in a system of record."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, default=default_workspace_id)
    title = models.CharField(max_length=300, blank=True, default="")
    asset = models.CharField(max_length=200, blank=True, default="")
    site = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=100, blank=True, default="")
    assignee = models.CharField(max_length=200, blank=True, default="")
    priority = models.CharField(max_length=60, blank=True, default="")
    opened_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed = models.BooleanField(default=False)
    stub = models.BooleanField(
        default=False, editable=False, help_text=_("Known by its key only; no system of record told of it yet.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        verbose_name = _("work order")
        indexes = (
            # Orders of an asset, and which assets have open ones: read from the index alone.
            models.Index(fields=["workspace", "asset", "closed"], condition=~Q(asset=""), name="workorders_by_asset"),
            models.Index(fields=["asset"], name="workorders_order_asset"),
            models.Index(fields=["site"], name="workorders_order_site"),
        )

    def __str__(self) -> str:
        # All of its few names: lists have read them already.
        first = min(self.external_ids.all(), key=lambda name: name.pk, default=None) if self.pk else None
        return first.external_id if first else f"work order {self.pk}"

    @property
    def subject(self) -> str:
        return f"workorder/{self.pk}"


class ExternalId(models.Model):
    """What a system of record calls a work order."""

    work_order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="external_ids")
    system = models.ForeignKey(Connection, models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=200)

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["system", "external_id"], name="workorders_externalid_names_one_order"),
            models.UniqueConstraint(fields=["work_order", "system"], name="workorders_externalid_is_one_per_system"),
        ]
        indexes = (
            models.Index(
                fields=["external_id"], opclasses=["varchar_pattern_ops"], name="workorders_externalid_begins"
            ),
        )

    def __str__(self) -> str:
        return self.external_id


class JoinedBy(models.TextChoices):
    KEY = "KEY", _("by its key")
    OPERATOR = "OPERATOR", _("by an operator")


class JoinQuerySet(models.QuerySet["Join"]):
    def unmatched(self) -> "JoinQuerySet":
        return self.filter(work_order__isnull=True, dismissed_at__isnull=True)


class Join(models.Model):
    """Which work order a fact belongs to: the key as read, and the order, or none yet (Unmatched)."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, default=default_workspace_id)
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="+")
    source_type = models.CharField(max_length=60)
    source_id = models.CharField(max_length=64)
    title = models.CharField(max_length=300, blank=True, default="")
    key_name = models.CharField(max_length=64, blank=True, default="")
    key_read = models.CharField(max_length=300, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    work_order = models.ForeignKey(WorkOrder, models.SET_NULL, null=True, blank=True, related_name="joins")
    joined_event = models.CharField(max_length=80, blank=True, default="")
    joined_by = models.CharField(max_length=10, choices=JoinedBy, default=JoinedBy.KEY)
    decided_by = models.CharField(max_length=150, blank=True, default="", help_text=_("Who assigned or dismissed it."))
    occurred_at = models.DateTimeField(default=timezone.now)
    joined_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    objects = JoinQuerySet.as_manager()

    class Meta:
        verbose_name = _("join")
        constraints = [
            models.UniqueConstraint(fields=["source_type", "source_id"], name="workorders_join_is_one_per_source"),
        ]
        indexes = (
            models.Index(
                fields=["occurred_at"],
                condition=Q(work_order__isnull=True, dismissed_at__isnull=True),
                name="workorders_join_unmatched",
            ),
            models.Index(fields=["key_read"], name="workorders_join_key"),
            models.Index(fields=["-occurred_at", "-id"], name="workorders_join_newest"),
        )

    def __str__(self) -> str:
        return self.title or f"{self.source_type} {self.source_id}"

    def save_changes(self, values: Mapping[str, Any]) -> None:
        """Set what differs, and write only that; no query if nothing does."""
        different = {name: value for name, value in values.items() if getattr(self, name) != value}
        for name, value in different.items():
            setattr(self, name, value)
        if different:
            self.save(update_fields=list(different))


class Photo(models.Model):
    """A kept picture: decoded, cleaned and stored; served only by signed links that expire."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, default=default_workspace_id)
    work_order = models.ForeignKey(WorkOrder, models.SET_NULL, null=True, blank=True, related_name="photos")
    source_type = models.CharField(max_length=60)
    source_id = models.CharField(max_length=64)
    external_id = models.CharField(max_length=255)
    label = models.CharField(max_length=300, blank=True, default="")
    taken_at = models.DateTimeField(null=True, blank=True)
    file = models.FileField(max_length=200)
    thumbnail = models.FileField(max_length=200, blank=True)
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("photo")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["source_type", "source_id", "external_id"], name="workorders_photo_is_kept_once"
            ),
        ]
        indexes = (models.Index(fields=["external_id"], name="workorders_photo_external_id"),)

    def __str__(self) -> str:
        return self.label or self.external_id

    @property
    def file_name(self) -> str:
        return f"photo-{self.pk}.{'png' if self.content_type == 'image/png' else 'jpg'}"
