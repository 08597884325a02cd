"""The forms of endpoints and event filters: what services refuse is said at its field."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Workspace
from integrations.core.generic import AnyModelForm
from integrations.core.lines_field import LinesField
from integrations.events import conditions
from integrations.events.facts import AGENTS, CAMERAS, GROUPS, RECOGNISED, TYPES
from integrations.events.models import Agent, Camera, Endpoint, EndpointType, EventFilter, Watchlist
from integrations.events.refusals import Refused
from integrations.outbox.validation import url_problems

SOCKET, HOOK = f"type:{EndpointType.WEB_SOCKET}", f"type:{EndpointType.WEB_HOOK}"
METHODS = [(each, each) for each in ("POST", "PUT", "PATCH")]
MOST_LISTED = 1000
# Condition → the field that lists what is known, the field for ids, and what they name.
LISTS: dict[str, tuple[str, str, Any]] = {
    CAMERAS: ("cameras", "camera_ids_more", Camera),
    AGENTS: ("agents", "agent_ids_more", Agent),
    GROUPS: ("watchlists", "watchlist_ids_more", Watchlist),
}


class EndpointForm(AnyModelForm):
    """Type and workspace are chosen once; each type asks for its own fields."""

    url = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=2048,
        widget=forms.TextInput(attrs={"class": "vLargeTextField", "inputmode": "url", "data-for": HOOK}),
        help_text=_("Absolute, https:// or http://. Each event is sent there in a request of its own."),
    )
    method = forms.ChoiceField(
        label=_("Method"), required=False, choices=METHODS, widget=forms.Select(attrs={"data-for": HOOK})
    )

    class Meta:
        model = Endpoint
        fields = ("workspace", "name", "type", "auth", "ws_errors")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("auth", "ws_errors"):
            if name in self.fields:
                self.fields[name].widget.attrs["data-for"] = SOCKET
                self.fields[name].required = False
        if self.instance.destination:
            self.initial |= self.instance.meta
        if self.instance.pk and not self.instance._state.adding:
            for name in ("auth", "ws_errors") if self.instance.destination else ("url", "method"):
                self.fields.pop(name, None)
        elif "workspace" in self.fields:
            self.fields["workspace"].initial = Workspace.default().pk

    @property
    def is_hook(self) -> bool:
        return str(self.cleaned_data.get("type") or self.instance.type) == EndpointType.WEB_HOOK

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.is_hook and "url" in self.fields:
            problems = url_problems(given["url"]) if given.get("url") else [_("A webhook needs an address.")]
            for problem in problems:
                self.add_error("url", problem)
        return given

    def values(self) -> dict[str, Any]:
        """Return what the service takes for this type."""
        names = ("name", "url", "method") if self.is_hook else ("name", "auth", "ws_errors")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}


class FilterForm(AnyModelForm):
    """Conditions are chosen from what the directory knows; an id that it does not know can be entered."""

    endpoints: Any = forms.ModelMultipleChoiceField(
        Endpoint.objects.all(),
        label=_("Endpoints"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("An endpoint without any filter receives everything. With its first one it receives what matches."),
    )
    cameras = forms.MultipleChoiceField(label=_("Cameras"), required=False)
    camera_ids_more = LinesField(label=_("Other camera ids"), help_text=_("One a line."))
    agents = forms.MultipleChoiceField(label=_("Agents"), required=False)
    agent_ids_more = LinesField(label=_("Other agent ids"), help_text=_("One a line."))
    watchlists = forms.MultipleChoiceField(label=_("Watchlists"), required=False)
    watchlist_ids_more = LinesField(label=_("Other watchlist ids"), help_text=_("One a line."))
    recognised = forms.MultipleChoiceField(
        label=_("Recognition events"),
        required=False,
        choices=[(name, name) for name in RECOGNISED],
        widget=forms.CheckboxSelectMultiple,
    )
    own = LinesField(label=_("Events of Fieldport"), help_text=_("One a line: workorder.updated, or session.*"))
    work_order_fields = LinesField(
        label=_("Work order"),
        help_text=_("One a line, as site = Lyon. Several values of a field: several lines. Fields: {names}."),
    )
    everything = forms.BooleanField(
        label=_("Let everything through"),
        required=False,
        help_text=_("Tick this if no condition is meant: such a filter matches every event."),
    )

    class Meta:
        model = EventFilter
        fields = ("workspace", "name", "endpoints")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        self.space = self._space()
        if "endpoints" in self.fields:
            endpoints: Any = self.fields["endpoints"]
            endpoints.queryset = Endpoint.objects.of(self.space).order_by("name", "pk")
            endpoints.label_from_instance = endpoint_label
        if "own" in self.fields:
            self._fill_lists(row)
            self._fill_types(row)

    def _space(self) -> int:
        if not self.instance._state.adding:
            return int(self.instance.workspace_id)
        given = str(self.data.get("workspace", "")) if self.is_bound else ""
        if "workspace" in self.fields:
            self.fields["workspace"].initial = Workspace.default().pk
        return int(given) if given.isdecimal() and len(given) < 18 else Workspace.default().pk

    def _fill_lists(self, row: EventFilter) -> None:
        for condition, (listed, more, kind) in LISTS.items():
            known = kind.objects.filter(workspace_id=self.space).order_by("title", "pk")[:MOST_LISTED]
            choices = [(str(each.uuid), str(each)) for each in known]
            field: Any = self.fields[listed]
            field.choices = choices
            field.widget.attrs["size"] = min(8, max(2, len(choices)))
            field.help_text = "" if choices else _("None is known yet.")
            names, wanted = dict(choices), getattr(row, conditions.COLUMNS[condition])
            self.initial[listed] = [each for each in wanted if each in names]
            self.initial[more] = [each for each in wanted if each not in names]

    def _fill_types(self, row: EventFilter) -> None:
        self.initial["recognised"] = [each for each in row.event_types if each in RECOGNISED]
        self.initial["own"] = [each for each in row.event_types if each not in RECOGNISED]
        self.initial["work_order_fields"] = [
            f"{name} = {each}" for name, values in row.work_order.items() for each in values
        ]
        self.initial["everything"] = not row._state.adding and not any(conditions.rule_of(row).conditions.values())
        help_text = str(self.fields["work_order_fields"].help_text)
        self.fields["work_order_fields"].help_text = help_text.format(names=", ".join(conditions.WORK_ORDER_FIELDS))

    def given(self) -> dict[str, Any]:
        """Return the conditions as the API names them."""
        data = self.cleaned_data
        found: dict[str, Any] = {
            name: [*data.get(listed, ()), *data.get(more, ())] for name, (listed, more, _kind) in LISTS.items()
        }
        found[TYPES] = [*data.get("recognised", ()), *data.get("own", ())]
        found["workOrder"] = _pairs(data.get("work_order_fields", ()))
        return found

    def clean_work_order_fields(self) -> list[str]:
        lines: list[str] = self.cleaned_data["work_order_fields"]
        if wrong := next((line for line in lines if not _is_pair(line)), None):
            raise forms.ValidationError(_("“%(line)s” is not written as field = value."), params={"line": wrong[:60]})
        return lines

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        try:
            read = conditions.read(self.given())
        except Refused as refused:
            for name, said in refused.errors.items():
                self.add_error(_FIELD_OF[name], said)
            return data
        if not any(read.values()) and not data.get("everything"):
            self.add_error("everything", _("There is no condition. If that is meant, tick this."))
        return data


_FIELD_OF = {name: more for name, (_listed, more, _kind) in LISTS.items()} | {
    TYPES: "own",
    "workOrder": "work_order_fields",
}


def endpoint_label(endpoint: Endpoint) -> str:
    return f"{endpoint.name} ({endpoint.get_type_display()}, {endpoint.short_id})"


def _is_pair(line: str) -> bool:
    name, equals, value = line.partition("=")
    return bool(name.strip() and equals and value.strip())


def _pairs(lines: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        name, _equals, value = line.partition("=")
        found.setdefault(name.strip(), []).append(value.strip())
    return found
