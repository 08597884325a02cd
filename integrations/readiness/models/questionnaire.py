"""The five questions about one system of record, and the facts that are to be collected into it."""

from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connections.models import Connection
from integrations.readiness.choices import Api, HasField, YesNo
from integrations.readiness.validation import item_problems, questionnaire_problems
from integrations.sync.choices import FieldType
from integrations.sync.models import Operation
from integrations.sync.validation import raise_for

WEB = URLValidator(schemes=["https", "http"])


class Questionnaire(models.Model):
    """The answers for one connection. `produced`: what was made of them, as it was made (see `producing`).

    `method`, `path` and `document` say how a field is updated where an item does not say it itself.
    """

    connection = models.OneToOneField(Connection, models.PROTECT, related_name="questionnaire")
    deep_links = models.CharField(
        _("Can it create a link for each request?"), max_length=3, choices=YesNo, blank=True, default=""
    )
    deep_links_url = models.CharField(
        _("Documentation of that"), max_length=500, blank=True, default="", validators=[WEB], help_text=_("A link.")
    )
    file = models.CharField(max_length=200, blank=True, default="", editable=False)
    file_name = models.CharField(max_length=150, blank=True, default="", editable=False)
    file_size = models.PositiveIntegerField(default=0, editable=False)
    file_at = models.DateTimeField(null=True, editable=False)
    api = models.CharField(
        _("Can requests be updated through an API?"), max_length=7, choices=Api, blank=True, default=""
    )
    api_url = models.CharField(
        _("Documentation of the API"), max_length=500, blank=True, default="", validators=[WEB], help_text=_("A link.")
    )
    lookup = models.ForeignKey(
        Operation,
        models.PROTECT,
        null=True,
        blank=True,
        limit_choices_to={"kind": "LOOKUP"},
        related_name="+",
        verbose_name=_("How a request is found"),
        help_text=_("A look-up of this connection; none: the external key stands in the path as {record.id}."),
    )
    method = models.CharField(_("Method"), max_length=8, blank=True, default="PATCH")
    path = models.CharField(
        _("Path"), max_length=500, blank=True, default="", help_text=_("Such as /api/orders/{record.id}.")
    )
    headers = models.JSONField(_("Headers"), default=dict, blank=True)
    document = models.TextField(_("Mutation"), blank=True, default="", help_text=_("A GraphQL document."))
    body = models.JSONField(
        _("Body or variables"),
        null=True,
        blank=True,
        help_text=_("Empty: the fields alone, by REST; by GraphQL “id” and “input”."),
    )
    read_path = models.CharField(
        _("Path to read it"), max_length=500, blank=True, default="", help_text=_("Empty: the path above.")
    )
    read_query = models.JSONField(_("Query to read it"), default=dict, blank=True)
    read_headers = models.JSONField(
        _("Headers to read it"), default=dict, blank=True, help_text=_("An empty value leaves one of the above out.")
    )
    read_document = models.TextField(_("Query document to read it"), blank=True, default="")
    read_expect = models.CharField(
        _("Where the record is"), max_length=200, default="body", help_text=_("JMESPath over {status, headers, body}.")
    )
    notes = models.TextField(_("Notes"), blank=True, default="")
    produced = models.JSONField(default=list, editable=False)
    live_at = models.DateTimeField(null=True, editable=False)
    live_by = models.CharField(max_length=150, blank=True, default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("questionnaire")

    def __str__(self) -> str:
        return str(self.connection)

    @property
    def is_graphql(self) -> bool:
        return self.api == Api.GRAPHQL

    @property
    def writes(self) -> bool:
        """Whether there is an API to write by; without one, facts leave by scheduled exports alone."""
        return self.api != Api.NONE

    def clean(self) -> None:
        """:raises ValidationError: naming what is refused, and why"""
        raise_for(questionnaire_problems(self))


class Item(models.Model):
    """One fact that is to be collected into the request. `fact`: source and field, as in `test.visit:visit.minutes`."""

    questionnaire = models.ForeignKey(Questionnaire, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(default=0)
    fact = models.CharField(max_length=200)
    field = models.CharField(_("Has it a field?"), max_length=9, choices=HasField, blank=True, default="")
    target = models.CharField(_("Name of the field"), max_length=200, blank=True, default="")
    type = models.CharField(_("Type"), max_length=8, choices=FieldType, blank=True, default="")
    format = models.CharField(_("Format"), max_length=60, blank=True, default="")
    method = models.CharField(_("Method"), max_length=8, blank=True, default="")
    path = models.TextField(_("Path or mutation"), blank=True, default="")

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("item")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "fact"], name="readiness_item_is_collected_once")
        ]

    def __str__(self) -> str:
        return self.fact.partition(":")[2]

    @property
    def source_type(self) -> str:
        return self.fact.partition(":")[0]

    @property
    def source(self) -> str:
        return self.fact.partition(":")[2]

    def clean(self) -> None:
        """:raises ValidationError: naming what is refused, and why"""
        raise_for(item_problems(self))


def document_of(questionnaire: Questionnaire) -> str:
    """Say which documentation is attached; empty if none is."""
    return questionnaire.file_name or questionnaire.deep_links_url
