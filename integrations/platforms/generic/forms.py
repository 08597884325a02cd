"""The form of a work order feed: one input per work order field instead of a JSON object."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.core.generic import AnyModelForm
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.workorders.values import FIELDS

OWN = ("connection", "items", "external_id")
POLL = ("poll_path", "poll_document", "poll_next", "poll_minutes", "overlap_minutes", "first_days")
INPUTS = tuple(f"field_{name}" for name in FIELDS)
SECTIONS = [
    (None, {"fields": OWN}),
    (_("Fields of the work order: JMESPath over one item, empty where there is none"), {"fields": INPUTS}),
    (_("Asking for what changed"), {"fields": POLL}),
]


class FeedForm(AnyModelForm):
    class Meta:
        model = WorkOrderFeed
        fields = (*OWN, *POLL)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            words = {"label": name.replace("_", " ").capitalize(), "initial": self.instance.fields.get(name, "")}
            widget = forms.TextInput(attrs={"class": "vTextField"})
            self.fields[f"field_{name}"] = forms.CharField(required=False, widget=widget, **words)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        given = {name: (values.get(f"field_{name}") or "").strip() for name in FIELDS}
        self.instance.fields = {name: text for name, text in given.items() if text}
        return values

    def add_error(self, field: str | None, error: Any) -> None:
        """Show problems of the expressions, which the model keeps in one object, above the form."""
        if hasattr(error, "error_dict"):
            for each in error.error_dict.pop("fields", []):
                super().add_error(None, each)
        super().add_error(field, error)
