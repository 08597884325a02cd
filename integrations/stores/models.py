"""Where the tables for analysts are loaded, how far each table has come there, and the loads."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.core.fields import EncryptedJSONField
from integrations.core.work import OPEN_STATES, Work, WorkQuerySet


class StoreKind(models.TextChoices):
    POSTGRESQL = "POSTGRESQL", _("PostgreSQL")
    DUCKDB = "DUCKDB", _("DuckDB file")
    PARQUET = "PARQUET", _("Parquet files on disk")
    S3 = "S3", _("Parquet files in S3")
    OTHER = "OTHER", _("another destination of dlt")


class DataStore(models.Model):
    """One place that the tables are loaded into. Each kind uses the columns that its form shows."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=StoreKind, default=StoreKind.DUCKDB)
    dataset = models.SlugField(
        max_length=60, default="fieldport", help_text=_("Schema, or folder, that the tables are made in.")
    )
    host = models.CharField(max_length=200, blank=True, default="")
    port = models.PositiveIntegerField(default=5432)
    database = models.CharField(max_length=100, blank=True, default="")
    username = models.CharField(_("user name"), max_length=100, blank=True, default="")
    tls = models.CharField(
        _("TLS"),
        max_length=12,
        default="require",
        choices=[
            ("verify-full", _("required, certificate checked")),
            ("require", _("required")),
            ("disable", _("none")),
        ],
    )
    bucket = models.CharField(max_length=100, blank=True, default="")
    prefix = models.CharField(
        max_length=200, blank=True, default="", help_text=_("Folder in the bucket; may be empty.")
    )
    region = models.CharField(max_length=40, blank=True, default="us-east-1")
    endpoint_url = models.CharField(
        _("address"), max_length=200, blank=True, default="", help_text=_("Of a store that speaks S3; empty: Amazon's.")
    )
    access_key_id = models.CharField(_("access key"), max_length=150, blank=True, default="")
    destination = models.CharField(
        max_length=40, blank=True, default="", help_text=_("Its name in dlt, such as snowflake, bigquery or mssql.")
    )
    secrets = EncryptedJSONField(default=dict, blank=True)
    cron = models.CharField(
        _("schedule"),
        max_length=100,
        blank=True,
        default="30 3 * * *",
        help_text=_("Minute, hour, day of the month, month, day of the week, such as 30 3 * * *; empty: never."),
    )
    time_zone = models.CharField(max_length=50, default="UTC", help_text=_("Of the schedule."))
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    history = HistoricalRecords(excluded_fields=["secrets", "next_at"])

    class Meta:
        verbose_name = _("data store")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save, and let the time of the next load be found anew."""
        self.next_at = None
        fields = None if update_fields is None else {*update_fields, "next_at"}
        super().save(*args, update_fields=fields, **kwargs)

    def secret(self, name: str) -> str:
        return str((self.secrets or {}).get(name, ""))


class StorePosition(models.Model):
    """How far a family of tables has come in a store: the time and id of the last row that was loaded.

    `columns`: what the tables looked like; where they have gained a column since, all is loaded again.
    """

    store = models.ForeignKey(DataStore, models.CASCADE, related_name="positions")
    family = models.CharField(max_length=60)
    reached_at = models.DateTimeField(null=True, blank=True)
    reached_id = models.PositiveBigIntegerField(default=0)
    columns = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["store", "family"], name="stores_position_is_one_per_family"),
        ]

    def __str__(self) -> str:
        return f"{self.family}: {self.reached_at}"


class Mode(models.TextChoices):
    NEWS = "NEWS", _("what is new or changed")
    PERIOD = "PERIOD", _("a period, all of it again")


class StoreLoad(Work):
    """One load. `positions`: how far a load of a period has come, by family; of news the store itself knows it."""

    store = models.ForeignKey(DataStore, models.CASCADE, related_name="loads")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.NEWS)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    until_row = models.DateTimeField(default=timezone.now, editable=False)
    asked_by = models.CharField(max_length=150, blank=True, default="", editable=False)
    stopped_by = models.CharField(max_length=150, blank=True, default="", editable=False)
    positions = models.JSONField(default=dict, editable=False)
    total = models.PositiveIntegerField(null=True, editable=False)
    loaded = models.PositiveIntegerField(default=0, editable=False, help_text=_("Objects: sessions, calls, jobs …"))
    rows = models.PositiveIntegerField(default=0, editable=False, help_text=_("Of all tables."))
    counts = models.JSONField(default=dict, editable=False)
    seconds = models.FloatField(default=0.0, editable=False)

    objects = WorkQuerySet["StoreLoad"].as_manager()

    class Meta(Work.Meta):
        verbose_name = _("load")
        constraints = [
            models.UniqueConstraint(
                fields=["store"], condition=Q(state__in=OPEN_STATES), name="stores_load_is_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store} {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What is left at the speed so far; None while nothing can be said."""
        if not (self.total and self.loaded):
            return None
        return self.seconds * max(0, self.total - self.loaded) / self.loaded
