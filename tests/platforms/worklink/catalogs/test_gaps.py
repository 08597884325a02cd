"""The gap report: assets that no catalog covers, catalogs nobody uses, catalogs that hold nothing."""

import pytest

from integrations.connections.models import Connection, Workspace
from integrations.core import clock
from integrations.platforms.worklink.catalogs.gaps import Asked, covering, empty, uncovered, unused
from integrations.platforms.worklink.models import CatalogObject, Scenario, ScenarioCatalog
from integrations.workorders.models import WorkOrder
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def cms() -> Connection:
    return make_connection()


def make_catalog(cms: Connection, asset: str = "", *objects: tuple[str, str], **values: object) -> ScenarioCatalog:
    name = f"Catalog {asset or objects}"
    catalog = ScenarioCatalog.objects.create(**{"connection": cms, "name": name, "external_asset_id": asset, **values})
    for kind, key in objects:
        CatalogObject.objects.create(catalog=catalog, kind=kind, object_id=key)
    return catalog


def make_orders(*assets: str, **values: object) -> list[WorkOrder]:
    return [WorkOrder.objects.create(asset=asset, **values) for asset in assets]


def assets(**asked: object) -> list[tuple[str, int]]:
    return [tuple(each) for each in uncovered(Asked(**asked))]  # type: ignore[arg-type,misc]


def test_assets_of_open_orders_without_a_catalog_come_with_the_number_of_orders(cms: Connection) -> None:
    make_catalog(cms, "PUMP-77")
    make_catalog(cms, "OTHER", ("asset", "PUMP-78"), ("training module", "B"))
    make_orders("PUMP-77", "PUMP-78", "A", "B", "B", "")
    make_orders("C", closed=True)

    assert assets() == [("B", 2), ("A", 1)]
    assert assets(closed_too=True) == [("B", 2), ("A", 1), ("C", 1)]
    assert [each.asset for each in uncovered(Asked(), first=1, most=1)] == ["A"]


def test_a_catalog_that_vanished_or_is_of_another_connection_covers_nothing(cms: Connection) -> None:
    other = make_connection()
    make_catalog(cms, "GONE", gone_at=clock.now())
    make_catalog(other, "A")
    make_orders("GONE", "A")

    assert assets() == [("GONE", 1)]
    assert assets(connection_id=cms.pk) == [("A", 1), ("GONE", 1)]
    assert assets(connection_id=other.pk) == [("GONE", 1)]


def test_a_catalog_of_another_workspace_covers_nothing_here(cms: Connection) -> None:
    plant = Workspace.objects.create(slug="plant-two", name="Plant two")
    make_catalog(make_connection(workspace=plant), "A")
    make_orders("A")
    make_orders("B", workspace=plant)

    assert assets(workspace_id=cms.workspace_id) == [("A", 1)]
    assert assets(workspace_id=plant.pk) == [("B", 1)]


def test_catalogs_that_nothing_leads_to_are_named(cms: Connection) -> None:
    make_orders("A", closed=True)
    make_orders("B")
    make_catalog(cms, "A")
    make_catalog(cms, "", ("asset", "B"))
    make_catalog(cms, "", ("training module", "T"))
    nobodys = make_catalog(cms, "NOBODY", ("asset", "NOBODY-2"))
    make_catalog(cms, "VANISHED", gone_at=clock.now())

    assert list(unused(Asked())) == [nobodys]
    assert list(unused(Asked(connection_id=make_connection().pk))) == []


def test_catalogs_that_hold_nothing_are_named(cms: Connection) -> None:
    full, hollow, bare = make_catalog(cms, "1"), make_catalog(cms, "2"), make_catalog(cms, "3")
    full.scenarios.add(Scenario.objects.create(connection=cms, name="S"))
    hollow.scenarios.add(Scenario.objects.create(connection=cms, name="Gone", gone_at=clock.now()))

    assert list(empty(Asked())) == [hollow, bare]


def test_the_catalogs_of_an_asset_are_found_by_both_ways(cms: Connection) -> None:
    direct, served = make_catalog(cms, "A"), make_catalog(cms, "B", ("asset", "A"))
    make_catalog(cms, "")

    assert list(covering("A", workspace_id=Workspace.default().pk)) == [direct, served]
    assert not covering("", workspace_id=Workspace.default().pk).exists()
