"""The form of a join rule: lists as lines."""

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.core.generic import AnyModelForm
from integrations.core.lines_field import LinesField
from integrations.platforms.omni.models import JoinRule
from integrations.platforms.omni.options import TYPES


class JoinRuleForm(AnyModelForm):
    cameras = LinesField(label=_("Cameras"), help_text=_("Ids, one a line, as the event directory shows them."))
    event_types = LinesField(label=_("Event types"), help_text=_("One a line; empty: all. Known: ") + ", ".join(TYPES))

    class Meta:
        model = JoinRule
        fields = (
            "workspace",
            "name",
            "enabled",
            "cameras",
            "event_types",
            "asset",
            "site",
            "window",
            "minutes_around",
        )
        widgets = {"window": forms.RadioSelect}
