"""The form of a mapping: each kind of operation shows its own fields, and names of the source's context are offered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.core import platforms
from integrations.core.generic import AnyInlineFormSet, AnyModelForm
from integrations.sync.models import FieldMapping, Operation, OperationKind
from integrations.sync.validation import mapping_problems

WRITES = ",".join(kind for kind in OperationKind.values if kind != OperationKind.LOOKUP)
REST, GRAPHQL = "protocol:REST", "protocol:GRAPHQL"
# Which fields are asked for, by kind of operation and by protocol; the others are asked for always.
SHOWN_FOR = {
    "source_type": f"kind:{WRITES}",
    "event_types": f"kind:{WRITES}",
    "condition": f"kind:{WRITES}",
    "lookup": f"kind:{WRITES}",
    "method": REST,
    "path": REST,
    "query": REST,
    "headers": REST,
    "document": GRAPHQL,
    "file_field": "kind:ATTACH",
    "already_exists": f"kind:{WRITES}",
    "records": "kind:LOOKUP",
    "record_id": "kind:LOOKUP,CREATE",
    "closed": "kind:LOOKUP",
    "wait_hours": "kind:LOOKUP",
    "created_id": "kind:CREATE",
    "update_method": f"kind:CREATE;{REST}",
    "update_path": f"kind:CREATE;{REST}",
    "update_document": f"kind:CREATE;{GRAPHQL}",
    "readback_method": f"kind:{WRITES};{REST}",
    "readback_path": f"kind:{WRITES};{REST}",
    "readback_query": f"kind:{WRITES};{REST}",
    "readback_headers": f"kind:{WRITES};{REST}",
    "readback_document": f"kind:{WRITES};{GRAPHQL}",
    "readback_body": f"kind:{WRITES}",
    "readback_expect": f"kind:{WRITES}",
    "marker": "kind:NOTE,ATTACH,CREATE",
    "key_place": f"kind:{WRITES}",
    "key_header": f"kind:{WRITES};key_place:HEADER",
    "when_unsure": f"kind:{WRITES}",
    "all_or_nothing": f"kind:{WRITES}",
}
SHORT: tuple[str, ...] = ("query", "headers", "readback_query", "condition", "success", "already_exists")
SHORT += ("readback_headers", "try_again", "records", "closed", "readback_expect")
SECTIONS: list[Any] = [
    (None, {"fields": ("name", "connection", "kind", "enabled")}),
    (_("When"), {"fields": ("source_type", "event_types", "condition", "lookup")}),
    (
        _("Request"),
        {
            "fields": (
                "protocol",
                "method",
                "path",
                "query",
                "headers",
                "body",
                "document",
                "file_field",
                "success",
                "already_exists",
                "try_again",
                "created_id",
                "update_method",
                "update_path",
                "update_document",
            )
        },
    ),
    (_("What the look-up finds"), {"fields": ("records", "record_id", "closed", "wait_hours")}),
    (
        _("Reading back"),
        {
            "fields": (
                "readback_method",
                "readback_path",
                "readback_query",
                "readback_headers",
                "readback_body",
                "readback_document",
                "readback_expect",
            )
        },
    ),
    (
        _("Once, and not twice"),
        {"fields": ("key_place", "key_header", "marker", "when_unsure", "all_or_nothing")},
    ),
]


def source_choices() -> list[tuple[str, Any]]:
    return [("", _("choose …")), *((kind.source_type, kind.label) for kind in platforms.context_kinds())]


def event_choices() -> list[tuple[str, str]]:
    names = {name for kind in platforms.context_kinds() for name in kind.event_types}
    return [(name, name) for name in sorted(names)]


class OperationForm(AnyModelForm):
    class Meta:
        model = Operation
        exclude = ("changed_at",)
        labels = {
            "lookup": _("Look-up before it"),
            "success": _("Success is"),
            "already_exists": _("Already there is"),
            "try_again": _("Try again on"),
            "records": _("Found records"),
            "record_id": _("Id of a record"),
            "closed": _("Closed is"),
            "wait_hours": _("Wait for it, in hours"),
            "file_field": _("Name of the file field"),
            "created_id": _("Id of the new child"),
            "update_method": _("Method to change it"),
            "update_path": _("Path to change it"),
            "update_document": _("Document to change it"),
            "readback_method": _("Method"),
            "readback_path": _("Path"),
            "readback_query": _("Query"),
            "readback_headers": _("Headers"),
            "readback_body": _("Body"),
            "readback_document": _("GraphQL document"),
            "readback_expect": _("What it shows"),
            "key_place": _("Key goes"),
            "key_header": _("Header of the key"),
            "when_unsure": _("When it is not known"),
            "all_or_nothing": _("All fields or nothing"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "source_type" not in self.fields:  # shown to someone who may only look
            return
        self.fields["source_type"] = forms.ChoiceField(
            choices=source_choices(), label=_("Source"), required=False, help_text=_("Whose facts are written.")
        )
        self.fields["event_types"] = forms.MultipleChoiceField(
            choices=event_choices(), widget=forms.CheckboxSelectMultiple, required=False, label=_("On these events")
        )
        for name, shown in SHOWN_FOR.items():
            self.fields[name].widget.attrs["data-for"] = shown
        for name in SHORT:
            self.fields[name].widget.attrs["rows"] = 2
        for name in ("body", "readback_body", "document", "readback_document", "update_document"):
            self.fields[name].widget.attrs["rows"] = 6

    def clean_query(self) -> Any:
        return self.cleaned_data["query"] or {}

    def clean_headers(self) -> Any:
        return self.cleaned_data["headers"] or {}

    def clean_readback_headers(self) -> Any:
        return self.cleaned_data["readback_headers"] or {}

    def clean_readback_query(self) -> Any:
        return self.cleaned_data["readback_query"] or {}


class FieldMappingForm(AnyModelForm):
    class Meta:
        model = FieldMapping
        fields = ("position", "source", "target", "type", "format", "time_zone", "default", "skip_if_empty")
        widgets = {
            "source": forms.TextInput(attrs={"data-context": "source", "class": "vTextField", "autocomplete": "off"}),
            "default": forms.TextInput(attrs={"class": "vTextField short"}),
            "position": forms.NumberInput(attrs={"class": "tiny"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, each in self.fields.items():  # a table's heads do not name its inputs
            each.widget.attrs["aria-label"] = each.label or name


class FieldMappingFormSet(AnyInlineFormSet):
    """Judges the rows by the operation as it is entered, which may not be saved yet."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            if not form.is_valid() or form.cleaned_data.get("DELETE") or not form.has_changed():
                continue
            form.instance.operation = self.instance
            for name, problem in mapping_problems(form.instance):
                form.add_error(name, problem)
