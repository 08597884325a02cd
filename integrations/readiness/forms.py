"""The form of the questionnaire: answers 1 to 3 as fields, 4 and 5 as a row for each fact that is collected."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.core.generic import AnyModelForm
from integrations.readiness import catalogue
from integrations.readiness.choices import METHODS
from integrations.readiness.models import Item, Questionnaire
from integrations.sync.models import Operation

SHOWN_FOR = {
    "lookup": "api:REST,GRAPHQL",
    "method": "api:REST",
    "path": "api:REST",
    "headers": "api:REST,GRAPHQL",
    "document": "api:GRAPHQL",
    "body": "api:REST,GRAPHQL",
    "read_path": "api:REST",
    "read_query": "api:REST",
    "read_headers": "api:REST",
    "read_document": "api:GRAPHQL",
    "read_expect": "api:REST,GRAPHQL",
}
ADDING: Any = [(None, {"fields": ("connection",)})]
SECTIONS: Any = [
    (_("1 · Deep links"), {"fields": ("deep_links", "deep_links_url")}),
    (_("2 · The API"), {"fields": ("api", "api_url")}),
    (
        _("How the API updates a request"),
        {
            "fields": ("lookup", "method", "path", "document", "headers", "body"),
            "description": _("This holds for every field below that says nothing else."),
        },
    ),
    (
        _("How a request is read"),
        {"fields": ("read_path", "read_query", "read_headers", "read_document", "read_expect")},
    ),
    (_("3 · What is collected"), {"fields": ("collected",)}),
    (_("Notes"), {"fields": ("notes",)}),
]
METHOD_CHOICES = [("", _("as above")), *((each, each) for each in METHODS)]


class PickList(forms.CheckboxSelectMultiple):
    """Boxes to tick, those of each kind of source under a heading that folds."""

    template_name = "readiness/pick_list.html"


class QuestionnaireForm(AnyModelForm):
    collected = forms.MultipleChoiceField(
        label=_("Which data should be collected into the request?"),
        choices=catalogue.choices,
        widget=PickList,
        required=False,
        help_text=_("Save, then answer questions 4 and 5 for each."),
    )

    class Meta:
        model = Questionnaire
        exclude = ("created_at",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "collected" in self.fields:
            self._fill()
        for name, shown in SHOWN_FOR.items():
            if name in self.fields:
                self.fields[name].widget.attrs["data-for"] = shown
        for name in ("headers", "read_query", "read_headers", "body"):
            if name in self.fields:
                self.fields[name].widget.attrs["rows"] = 2

    def _fill(self) -> None:
        """Offer what is chosen already too, if no source of this installation has it any more."""
        chosen = [item.fact for item in self.instance.items.all()]
        known = {fact for _kind, facts in catalogue.choices() for fact, _label in facts}
        gone = [(fact, fact) for fact in chosen if fact not in known]
        field: Any = self.fields["collected"]
        field.choices = [*catalogue.choices(), *([(str(_("Others")), gone)] if gone else [])]
        field.initial = chosen
        lookup: Any = self.fields["lookup"]
        lookup.queryset = Operation.objects.filter(connection=self.instance.connection_id, kind="LOOKUP")
        method: Any = self.fields["method"]
        method.widget = forms.Select(choices=[(each, each) for each in METHODS])

    def clean_headers(self) -> Any:
        return self.cleaned_data["headers"] or {}

    def clean_read_query(self) -> Any:
        return self.cleaned_data["read_query"] or {}

    def clean_read_headers(self) -> Any:
        return self.cleaned_data["read_headers"] or {}


class ItemForm(AnyModelForm):
    class Meta:
        model = Item
        fields = ("field", "target", "type", "format", "method", "path")
        widgets = {
            "target": forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
            "format": forms.TextInput(attrs={"class": "vTextField short"}),
            "method": forms.Select(choices=METHOD_CHOICES),
            "path": forms.Textarea(attrs={"rows": 1, "placeholder": _("as above")}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, each in self.fields.items():  # a table's heads do not name its inputs
            each.widget.attrs["aria-label"] = f"{each.label or name}, {self.instance}"
