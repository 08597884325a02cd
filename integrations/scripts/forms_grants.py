"""The connections granted to a script, as rows of its form."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.utils.translation import gettext_lazy as _

from integrations.core.generic import AnyInlineFormSet, AnyModelForm
from integrations.scripts.models import ScriptGrant


class GrantForm(AnyModelForm):
    class Meta:
        model = ScriptGrant
        fields = ("name", "connection", "is_target")
        labels = {"is_target": _("Target of ctx.http")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connection: Any = self.fields["connection"]
        if isinstance(connection.widget, RelatedFieldWidgetWrapper):  # its icons open windows that lose what was typed
            connection.widget = connection.widget.widget
            connection.widget.choices = connection.choices
        for name, each in self.fields.items():  # a table's heads do not name its inputs
            each.widget.attrs["aria-label"] = each.label or name

    def validate_constraints(self) -> None:
        """Check all but the one target: the row that was it may be changed in the same form."""
        try:
            self.instance.validate_constraints(exclude={"is_target"})
        except forms.ValidationError as error:
            self.add_error(None, error)


class GrantFormSet(AnyInlineFormSet):
    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if not form.errors and form not in self.deleted_forms]
        marked = [form for form in kept if form.cleaned_data.get("is_target")]
        for form in marked[1:]:
            form.add_error("is_target", _("Only one connection is the target of ctx.http."))
