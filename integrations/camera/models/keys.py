"""Keys of the REST API: another credential than a connector token, bound to a user and a site."""

import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.camera.models.catalogue import Site


class LinkBy(models.TextChoices):
    """What names the work order that an order of the camera is joined to."""

    NAME = "NAME", _("work_order_name")
    METADATA = "METADATA", _("a key of wo_metadata")
    NONE = "NONE", _("nothing: an operator assigns it")


class ApiKey(models.Model):
    """Opens the REST API of one site with the rights of its user; kept as a hash and shown once."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="keys")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    link_by = models.CharField(max_length=8, choices=LinkBy, default=LinkBy.NAME)
    link_metadata_key = models.CharField(max_length=100, blank=True, default="")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    history = HistoricalRecords(excluded_fields=["key_hash", "last_used_at"])

    class Meta:
        verbose_name = _("API key of the camera")
        verbose_name_plural = _("API keys of the camera")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash_of(value: str) -> str:
        return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()
