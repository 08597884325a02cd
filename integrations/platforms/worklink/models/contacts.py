"""Whom a call link can call."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.platforms.worklink.models.catalogs import Listed, ListedQuerySet


class Licence(models.TextChoices):
    """What the CMS sells to a user. Only the last four make calls (vendor sheet, 1)."""

    UNKNOWN = "", _("not known")
    ADMIN = "ADMIN", _("Company Administrator")
    VIEWER = "VIEWER", _("Viewer")
    AUTHOR = "AUTHOR", _("Author")
    ANALYST = "ANALYST", _("Analyst")
    GUEST = "GUEST", _("Guest")
    TECH = "TECH", _("Tech")
    TECH_PLUS = "TECH_PLUS", _("Tech+")
    EXPERT = "EXPERT", _("Expert")


class Contact(Listed):
    """A user of the CMS with a call id. `key`: what other systems know the contact by; it never changes."""

    key = models.CharField(max_length=200, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True, default="")
    call_id = models.CharField(_("call id"), max_length=200, db_index=True)
    group = models.CharField(_("group"), max_length=300, blank=True, default="")
    licence = models.CharField(_("licence"), max_length=10, choices=Licence, blank=True, default=Licence.UNKNOWN)

    objects = ListedQuerySet["Contact"].as_manager()

    class Meta(Listed.Meta):
        verbose_name = _("contact")
        constraints = [
            *Listed.Meta.constraints,
            models.UniqueConstraint(fields=["connection", "key"], name="worklink_contact_key_is_taken"),
            models.CheckConstraint(condition=~Q(call_id=""), name="worklink_contact_can_be_called"),
        ]
        indexes = (models.Index(fields=["connection", "name"], name="worklink_contact_by_name"),)

    def clean(self) -> None:
        """:raises ValidationError: if somebody else of the connection has the call id"""
        others = Contact.objects.filter(Q(call_id=self.call_id) | Q(key=self.call_id), connection=self.connection_id)
        if not self.resource_id and others.exclude(pk=self.pk).exists():
            raise ValidationError({"call_id": _("This call id is taken by another contact of the connection.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = self.key or (self.resource_id or self.call_id)[:200]
        super().save(*args, **kwargs)
