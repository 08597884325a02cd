"""Catalogs from a table: each row names one, and may add an object that it serves and a scenario that it holds."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from integrations.connections.models import Connection
from integrations.core.tables import Columns
from integrations.platforms.worklink.catalogs.wanted import Meant
from integrations.platforms.worklink.listings.loading import Line, Loader, Plan
from integrations.platforms.worklink.models import ASSET, CatalogObject, Scenario, ScenarioCatalog, Source

COLUMNS = Columns(
    known=("catalog", "catalog_id", "external_asset_id", "object_kind", "object_id", "scenario", "scenario_id"),
    needed=("catalog",),
)
LONGEST = {
    "catalog": 300,
    "catalog_id": 64,
    "external_asset_id": 200,
    "object_kind": 60,
    "object_id": 200,
    "scenario": 300,
    "scenario_id": 64,
}


def plan(connection: Connection, lines: list[Line]) -> Plan:
    """Say of each line what it does. Rows of one catalog (by its number, else its name) belong together."""
    house = _House(connection)
    for line in lines:
        _check(line)
        if not line.errors:
            house.take(line)
    return Plan(lines, house.write)


def _check(line: Line) -> None:
    cells = line.cells
    if not cells["catalog"]:
        line.errors.append(_("catalog is empty."))
    for name, most in LONGEST.items():
        if len(cells[name]) > most:
            line.errors.append(_("{name} has more than {most} characters.").format(name=name, most=most))
    if cells["object_kind"] and not cells["object_id"]:
        line.errors.append(_("object_kind is there without object_id."))
    if cells["scenario_id"] and not cells["scenario"]:
        line.errors.append(_("scenario_id is there without scenario, its name."))


class _House:
    """What a connection has, looked up once, and what the lines want of it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        catalogs = ScenarioCatalog.objects.filter(connection=connection).prefetch_related("served", "scenarios")
        self.catalogs = _by_name_and_number(catalogs)
        self.scenarios = _by_name_and_number(Scenario.objects.filter(connection=connection))
        self.meant: dict[Any, Meant] = {}

    def take(self, line: Line) -> None:
        """Note what a line wants, or why it cannot have it."""
        cells = line.cells
        found = self._one(line, self.catalogs, name=cells["catalog"], number=cells["catalog_id"])
        if line.errors:
            return
        fresh = Meant(found, cells["catalog"])
        meant = self.meant.setdefault(found.pk if found else cells["catalog"], fresh)
        meant.take_number(line)
        meant.take_asset(line, new=meant is fresh)
        if cells["object_id"]:
            meant.take_object(line, (" ".join((cells["object_kind"] or ASSET).lower().split()), cells["object_id"]))
        if cells["scenario"]:
            scenario = self._one(line, self.scenarios, name=cells["scenario"], number=cells["scenario_id"])
            if not line.errors:
                meant.take_scenario(line, scenario, (cells["scenario"], cells["scenario_id"]))

    def _one(self, line: Line, rows: dict[Any, list[Any]], *, name: str, number: str) -> Any:
        """Return the row that is meant: by its number in the CMS, else by its name; None if it is new."""
        found = rows.get(("number", number), []) if number else rows.get(("name", name), [])
        if not found and number:
            found = [row for row in rows.get(("name", name), []) if not row.database_id]
        if len(found) > 1:
            line.errors.append(_("{count} are called “{name}”: give the number.").format(count=len(found), name=name))
        return found[0] if len(found) == 1 else None

    def write(self, now: datetime) -> None:
        """Write all that is meant; what is there already stays as it is."""
        made: dict[tuple[str, str], Scenario] = {}
        for meant in self.meant.values():
            catalog = self._catalog(meant, now)
            objects = [CatalogObject(catalog=catalog, kind=kind, object_id=key) for kind, key in meant.objects]
            CatalogObject.objects.bulk_create(objects, ignore_conflicts=True)
            catalog.scenarios.add(*meant.scenarios, *(self._scenario(named, made, now) for named in meant.named))

    def _catalog(self, meant: Meant, now: datetime) -> ScenarioCatalog:
        row = meant.catalog or ScenarioCatalog(
            connection=self.connection, name=meant.name, source=Source.FILE, first_seen_at=now
        )
        values = meant.values()
        if row.pk is None or any(getattr(row, name) != value for name, value in values.items()):
            for name, value in (values | {"seen_at": now, "changed_at": now}).items():
                setattr(row, name, value)
            row.save()
        return row

    def _scenario(self, named: tuple[str, str], made: dict[tuple[str, str], Scenario], now: datetime) -> Scenario:
        if named not in made:
            values: dict[str, Any] = {"source": Source.FILE, "first_seen_at": now, "seen_at": now, "changed_at": now}
            made[named] = Scenario.objects.create(
                connection=self.connection, name=named[0], database_id=named[1], **values
            )
        return made[named]


def _by_name_and_number(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found["name", row.name].append(row)
        if row.database_id:
            found["number", row.database_id].append(row)
    return found


LOADER = Loader(COLUMNS, plan)
