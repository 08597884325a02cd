"""What can be picked for an object of the customer's: scenarios, catalogs that hold them, objects that they serve."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection
from integrations.platforms.worklink.options import SLUG

ASSET = "asset"


class Source(models.TextChoices):
    CMS = "CMS", _("from the CMS")
    HAND = "HAND", _("entered by hand")
    FILE = "FILE", _("from a file")


Row = TypeVar("Row", bound="Listed", covariant=True)  # noqa: PLC0105  the name says what it is


class ListedQuerySet(models.QuerySet[Row]):
    def there(self) -> Self:
        """Rows that have not vanished from the CMS."""
        return self.filter(gone_at__isnull=True)


class Listed(models.Model):
    """What the CMS lists, or a person entered instead; marked if it vanished there. Each kind names its manager."""

    connection = models.ForeignKey(
        Connection, models.PROTECT, related_name="+", limit_choices_to={"platform": SLUG}, verbose_name=_("connection")
    )
    resource_id = models.CharField(max_length=255, blank=True, default="", editable=False)
    database_id = models.CharField(_("number in the CMS"), max_length=64, blank=True, default="")
    name = models.CharField(_("name"), max_length=300)
    source = models.CharField(max_length=4, choices=Source, default=Source.HAND, editable=False)
    first_seen_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    gone_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource_id"],
                condition=~Q(resource_id=""),
                name="%(app_label)s_%(class)s_is_listed_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_of_the_cms(self) -> bool:
        return self.source == Source.CMS


class Scenario(Listed):
    """A set of work instructions for one device."""

    group = models.CharField(_("group"), max_length=300, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ListedQuerySet["Scenario"].as_manager()

    class Meta(Listed.Meta):
        verbose_name = _("scenario")


class ScenarioCatalog(Listed):
    """A set of scenarios that is offered for picking. A link opens it by the asset id that the customer chose."""

    external_asset_id = models.CharField(_("external asset id"), max_length=200, blank=True, default="")
    scenarios = models.ManyToManyField(Scenario, related_name="catalogs", blank=True)

    objects = ListedQuerySet["ScenarioCatalog"].as_manager()

    class Meta(Listed.Meta):
        verbose_name = _("scenario catalog")
        indexes = (
            models.Index(fields=["external_asset_id"], name="worklink_catalog_by_asset"),
            models.Index(fields=["connection", "name"], name="worklink_catalog_by_name"),
        )


class CatalogObject(models.Model):
    """An object of the customer's that a catalog serves beside its own asset id: an asset, a training module, any."""

    catalog = models.ForeignKey(ScenarioCatalog, models.CASCADE, related_name="served")
    kind = models.CharField(
        _("kind"), max_length=60, default=ASSET, help_text=_("asset, training module, or any other")
    )
    object_id = models.CharField(_("id"), max_length=200, help_text=_("As the customer's system writes it; exactly."))

    class Meta:
        default_permissions = ()
        verbose_name = _("object")
        constraints = [
            models.UniqueConstraint(fields=["catalog", "kind", "object_id"], name="worklink_object_is_served_once"),
        ]
        indexes = (models.Index(fields=["kind", "object_id"], name="worklink_object_by_id"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"

    def clean(self) -> None:
        self.kind = " ".join(self.kind.lower().split())
