"""What the rows of a table want of one catalog, checked against what the CMS says of it."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from integrations.platforms.worklink.listings.loading import Line
from integrations.platforms.worklink.models import Scenario, ScenarioCatalog


@dataclass
class Meant:
    """One catalog. `named`: scenarios that are new, by name and number."""

    catalog: ScenarioCatalog | None
    name: str
    database_id: str = ""
    asset: str = ""
    objects: list[tuple[str, str]] = field(default_factory=list)
    scenarios: list[Scenario] = field(default_factory=list)
    named: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def served(self) -> set[tuple[str, str]]:
        return {(each.kind, each.object_id) for each in self.catalog.served.all()} if self.catalog else set()

    @cached_property
    def held(self) -> set[int]:
        return {each.pk for each in self.catalog.scenarios.all()} if self.catalog else set()

    def take_number(self, line: Line) -> None:
        given = line.cells["catalog_id"]
        if given and self.database_id and given != self.database_id:
            line.errors.append(_("An earlier row says catalog_id {other}.").format(other=self.database_id))
        elif given and not self.database_id:
            self.database_id = given
            if self.catalog and self.catalog.database_id != given:
                line.does.append(f"catalog_id: {given}")

    def take_asset(self, line: Line, *, new: bool) -> None:
        """Take the external asset id of a row; an empty cell leaves what is there."""
        given, there = line.cells["external_asset_id"], self.catalog.external_asset_id if self.catalog else ""
        if given and self.asset and given != self.asset:
            line.errors.append(_("An earlier row says external_asset_id {other}.").format(other=self.asset))
        elif given and given != there and self.catalog and self.catalog.is_of_the_cms:
            said = _("In the CMS the external asset id is “{there}”. Change it there, or write the asset as object_id.")
            line.errors.append(said.format(there=there))
        elif given and not self.asset:
            self.asset = given
            if self.catalog and given != there:
                line.does.append(f"external_asset_id: {given}")
        if new and self.catalog is None:
            line.does.append(_("new catalog"))

    def take_object(self, line: Line, named: tuple[str, str]) -> None:
        if named not in self.served:
            self.served.add(named)
            self.objects.append(named)
            line.does.append(_("serves {kind} {object}").format(kind=named[0], object=named[1]))

    def take_scenario(self, line: Line, scenario: Scenario | None, named: tuple[str, str]) -> None:
        if (scenario is not None and scenario.pk in self.held) or (scenario is None and named in self.named):
            return
        if self.catalog and self.catalog.is_of_the_cms:
            line.errors.append(_("In the CMS this catalog does not hold “{name}”. Add it there.").format(name=named[0]))
        elif scenario is None:
            self.named.append(named)
            line.does.append(_("new scenario {name}").format(name=named[0]))
        else:
            self.held.add(scenario.pk)
            self.scenarios.append(scenario)
            line.does.append(_("holds {name}").format(name=named[0]))

    def values(self) -> dict[str, Any]:
        """Return the columns that are to be set; of a catalog of the CMS, or one that vanished there, none."""
        if self.catalog and self.catalog.is_of_the_cms:
            return {}
        values = {"external_asset_id": self.asset, "database_id": self.database_id}
        return {name: value for name, value in values.items() if value}
