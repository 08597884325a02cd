"""Reading the CMS's lists, and tables that people bring instead."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection
from integrations.core.work import Standing, StandingQuerySet


class Lists(models.TextChoices):
    CATALOGS = "CATALOGS", _("scenarios and catalogs")
    CONTACTS = "CONTACTS", _("contacts")


class CmsImportQuerySet(StandingQuerySet["CmsImport"]):
    def attach(self, rows: Any) -> None:
        for row in rows:
            row.connection = Connection.remembered(row.connection_id)


class CmsImport(Standing):
    """One walk after the other over what a CMS lists. `part` and `position`: where a crash stopped it."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    lists = models.CharField(max_length=8, choices=Lists)
    began_at = models.DateTimeField(null=True, blank=True, editable=False)
    part = models.PositiveSmallIntegerField(default=0, editable=False)
    position = models.CharField(max_length=300, blank=True, default="", editable=False)
    seen = models.PositiveIntegerField(default=0, editable=False)
    total = models.PositiveIntegerField(default=0, editable=False)
    changed = models.PositiveIntegerField(default=0, editable=False)
    accept_loss = models.BooleanField(default=False, editable=False)
    last_finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CmsImportQuerySet.as_manager()

    class Meta(Standing.Meta):
        verbose_name = _("import from the CMS")
        constraints = [
            models.UniqueConstraint(fields=["connection", "lists"], name="worklink_cmsimport_is_one_of_each"),
        ]

    def __str__(self) -> str:
        return f"{self.connection}: {self.get_lists_display()}"


class TableLoad(models.Model):
    """A table as it was brought, shown before anything of it is written. `rows`: number, cells, faults of each."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    lists = models.CharField(max_length=8, choices=Lists)
    name = models.CharField(max_length=200)
    form = models.CharField(max_length=100)
    rows: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    brought_by = models.CharField(max_length=150)
    brought_at = models.DateTimeField()
    loaded_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("table load")
        default_permissions = ("view", "add")

    def __str__(self) -> str:
        return self.name
