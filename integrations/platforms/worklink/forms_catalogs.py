"""The form of a catalog: its scenarios one a line, its objects as rows."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core.generic import AnyModelForm
from integrations.core.lines_field import LinesField
from integrations.platforms.worklink.models import CatalogObject, Scenario, ScenarioCatalog


class ServedForm(AnyModelForm):
    """An object that a catalog serves, as a row of its form."""

    class Meta:
        model = CatalogObject
        fields = ("kind", "object_id")
        labels = {"kind": gettext_lazy("kind (asset, training module, or any other)")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, each in self.fields.items():  # a table's heads do not name its inputs
            each.widget.attrs["aria-label"] = each.label or name


class CatalogForm(AnyModelForm):
    scenario_names = LinesField(
        label=gettext_lazy("Scenarios"),
        help_text=gettext_lazy("One a line, by name or by number in the CMS. A new name makes a scenario."),
    )

    class Meta:
        model = ScenarioCatalog
        fields = ("connection", "name", "database_id", "external_asset_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            names = self.instance.scenarios.order_by("name").values_list("name", flat=True)
            self.fields["scenario_names"].initial = list(names)

    def clean_scenario_names(self) -> list[str]:
        lines: list[str] = list(dict.fromkeys(self.cleaned_data["scenario_names"]))
        if any(len(line) > 300 for line in lines):
            self.add_error("scenario_names", _("A name has at most 300 characters."))
        return lines

    def hold_scenarios(self) -> None:
        """Let the saved catalog hold what the lines name."""
        if "scenario_names" in self.cleaned_data:
            self.instance.scenarios.set([self._scenario(line) for line in self.cleaned_data["scenario_names"]])

    def _scenario(self, line: str) -> Any:
        """Return the scenario of a line: one that the catalog holds, else one of the connection, else a new one."""
        rows = Scenario.objects.filter(connection=self.instance.connection)
        for found in (self.instance.scenarios.filter(name=line), rows.filter(name=line), rows.filter(database_id=line)):
            if row := found.order_by("pk").first():
                return row
        return Scenario.objects.create(connection=self.instance.connection, name=line)
