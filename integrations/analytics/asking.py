"""What the report can be narrowed to, read from a query as strictly on the page as over HTTP."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.analytics.models import BusinessCalendar, ReportPolicy
from integrations.analytics.selectors.chosen import Chosen, fewest_of
from integrations.connections.models import Workspace

CLOCK, ON, OFF = "clock", "on", "off"
WORDS = {"site": 200, "asset_class": 100, "priority": 60}
NAMES = ("since", "until", *WORDS, "calendar", "guard_rail", "workspace")


class ReportForm(forms.Form):
    """The conditions of a report; every one may be left out."""

    since = forms.DateField(required=False, label=gettext_lazy("From"))
    until = forms.DateField(required=False, label=gettext_lazy("To"))
    site = forms.CharField(required=False, label=gettext_lazy("Site"), max_length=WORDS["site"])
    asset_class = forms.CharField(required=False, label=gettext_lazy("Asset class"), max_length=WORDS["asset_class"])
    priority = forms.CharField(required=False, label=gettext_lazy("Priority"), max_length=WORDS["priority"])
    calendar = forms.ChoiceField(required=False, label=gettext_lazy("Time counted"))
    guard_rail = forms.ChoiceField(required=False, label=gettext_lazy("Guard rail"))

    def __init__(self, data: Any, *, workspace: Workspace) -> None:
        super().__init__(data)
        self.space, self.policy = workspace, ReportPolicy.of(workspace.pk)
        self.calendars = {each.slug: each for each in BusinessCalendar.objects.filter(workspace=workspace)}
        self._offer()

    def _offer(self) -> None:
        """Give each field its choices, lists of known words, and the browser's own input for days."""
        ordered = sorted(self.calendars.values(), key=lambda each: each.name)
        as_set, fields = self.policy, self.fields
        first = as_set.calendar.name if as_set.calendar else _("by the clock")
        hours = [("", _("as set up ({hours})").format(hours=first)), (CLOCK, _("by the clock"))]
        rail = _("on, {fewest} jobs").format(fewest=as_set.fewest) if as_set.guard_rail else _("off")
        _choose(fields["calendar"], hours + [(each.slug, each.name) for each in ordered])
        _choose(fields["guard_rail"], [("", _("as set up ({rail})").format(rail=rail)), (ON, _("on")), (OFF, _("off"))])
        for name in WORDS:
            fields[name].widget.attrs |= {"list": f"known-{name}", "autocomplete": "off"}
        for name in ("since", "until"):
            fields[name].widget.input_type = "date"

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error(
                "until", _("The period ends before it begins: choose a day from {since} on.").format(since=since)
            )
        return given

    @property
    def chosen(self) -> Chosen:
        """Return what was asked for; the form must be valid."""
        given = self.cleaned_data
        rail = {ON: True, OFF: False}.get(given["guard_rail"])
        return Chosen(
            self.space.pk,
            calendar=self.policy.calendar if not given["calendar"] else self.calendars.get(given["calendar"]),
            since=_day(given["since"]),
            until=_day(given["until"]),
            fewest=fewest_of(self.space.pk, guard_rail=rail),
            **{name: given[name] for name in WORDS},
        )


def _choose(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _day(day: date | None) -> date | None:
    """Return a day that a database can begin at midnight in any zone; none for the first and last there are."""
    return None if day is None or not date(1, 1, 3) < day < date(9999, 12, 29) else day
