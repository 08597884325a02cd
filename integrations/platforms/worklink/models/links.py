"""Deep links: how they are made, and which ones were given out."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection
from integrations.core.ids import random_token
from integrations.core.work import Standing, StandingQuerySet
from integrations.platforms.worklink.keys import carried_key
from integrations.platforms.worklink.links import grammar
from integrations.platforms.worklink.links.composing import LONGEST_OF_ALL, Recipe
from integrations.platforms.worklink.links.judging import problems_of
from integrations.platforms.worklink.links.purposes import CALLS, Form, Purpose
from integrations.platforms.worklink.options import options_of
from integrations.workorders.models import WorkOrder


class LinkTemplate(models.Model):
    """How the link of a work order is made: what it opens, and what it carries along.

    `external_data` is a list of [name, text] in the order of the link; names may be nested (`list[]`, `outer[inner]`).
    """

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="link_templates")
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=50, help_text=_("Names the template in the API."))
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.CATALOG_ASSET)
    base_link = models.TextField(
        blank=True,
        help_text=_("What it opens. Empty: the usual link of the purpose. A link pasted from the CMS is taken apart."),
    )
    external_data = models.JSONField(default=list, blank=True)
    system = models.ForeignKey(
        Connection,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("system of record"),
        help_text=_("Whose order id {key} is. Empty: the one that the connection's settings name."),
    )
    form = models.CharField(max_length=8, choices=Form, default=Form.DEFERRED)
    longest = models.PositiveIntegerField(
        _("longest link"),
        default=grammar.LONGEST,
        validators=[MinValueValidator(100), MaxValueValidator(LONGEST_OF_ALL)],
        help_text=_("Characters. A longer link is refused, never cut."),
    )
    plus_is_space = models.BooleanField(
        _("+ is a space"), default=False, help_text=_("In the pasted link. By default + is read as it is.")
    )
    with_lnk = models.BooleanField(
        _("prove its origin"), default=True, help_text=_("Adds lnk, a random id: edited and foreign links are noticed.")
    )
    with_sor = models.BooleanField(
        _("name the system of record"),
        default=False,
        help_text=_("Adds sor, its short name. Added by itself where the link key alone would lead elsewhere."),
    )
    automatic = models.BooleanField(
        _("issue by itself"), default=False, help_text=_("For every new or changed order that is open.")
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)
    history = HistoricalRecords(excluded_fields=["changed_at"])

    class Meta:
        verbose_name = _("link template")
        constraints = [
            models.UniqueConstraint(fields=["connection", "slug"], name="worklink_linktemplate_slug_is_taken"),
            models.CheckConstraint(
                condition=Q(longest__gte=100, longest__lte=LONGEST_OF_ALL), name="worklink_linktemplate_longest_is_sane"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Fill in and unwrap the base link. :raises ValidationError: with the refusal's name as its code"""
        if found := problems_of(self):
            raise ValidationError(found)

    @property
    def is_call(self) -> bool:
        return self.purpose in CALLS

    def system_slug(self) -> str:
        """The short name of the system of record; "" if neither the template nor the connection names one."""
        return self.system.slug if self.system else options_of(self.connection).system

    def base(self) -> grammar.Link:
        """Return the base link taken apart. Raises LinkRefused, for a row that was never judged."""
        plus = self.plus_is_space
        return grammar.parse(self.base_link, any_action=True, plus_is_space=plus, longest=LONGEST_OF_ALL)

    def recipe(self) -> Recipe:
        """Return what the pure builder needs."""
        options, slug = options_of(self.connection), self.system_slug()
        wanted = options.call_link_keys if self.is_call else options.link_keys
        name, routed = carried_key(wanted, system=slug, options=options)
        route = slug if self.with_sor or routed else ""
        return Recipe(self.base_link, self.external_data, name, route, self.plus_is_space)


def new_lnk() -> str:
    """Return 22 characters that nobody guesses."""
    return random_token(16)


class IssuedLink(models.Model):
    """A link as it was given out. It is never changed: another content is another row, and this one stays known."""

    template = models.ForeignKey(LinkTemplate, models.PROTECT, related_name="issued")
    work_order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="+")
    lnk = models.CharField(max_length=40, unique=True, default=new_lnk)
    action = models.CharField(max_length=60)
    target_key = models.CharField(max_length=20, blank=True, default="")
    target_value = models.TextField(blank=True, default="")
    external_data: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    direct = models.TextField()
    digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("issued link")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["template", "work_order", "digest"], name="worklink_issuedlink_is_issued_once"
            ),
        ]

    def __str__(self) -> str:
        return self.lnk

    @property
    def target(self) -> str:
        return f"{self.target_key}={self.target_value}" if self.target_key else ""


class LinkWish(Standing):
    """A work order whose links are to be given out by themselves, again after each change of it.

    `order_number` is no foreign key: an order that was deleted meanwhile must not stop the sequencer.
    """

    order_number = models.PositiveBigIntegerField(unique=True)

    objects = StandingQuerySet["LinkWish"].as_manager()

    class Meta(Standing.Meta):
        verbose_name = _("automatic link")

    def __str__(self) -> str:
        return self.subject
