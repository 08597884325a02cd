"""Where the customer's objects and the catalogs do not meet: assets without a catalog, catalogs without use or content.

Orders are counted by asset first, from an index, and the few assets that come out are compared with the catalogs: a
million orders cost a fraction of a second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection as database
from django.db.models import Exists, F, OuterRef, Q

from integrations.platforms.worklink.models import ASSET, CatalogObject, ScenarioCatalog
from integrations.workorders.models import WorkOrder

_COUNTED = """SELECT o.workspace_id, o.asset, COUNT(*) AS orders FROM workorders_workorder o
WHERE NOT (o.asset = ''){closed} GROUP BY o.workspace_id, o.asset"""
_CATALOGS = """FROM worklink_scenariocatalog k JOIN connections_connection c ON c.id = k.connection_id{served}
WHERE k.gone_at IS NULL AND c.workspace_id = t.workspace_id{of}"""
_SERVED = " JOIN worklink_catalogobject s ON s.catalog_id = k.id"
_ALL = "SELECT u.asset, SUM(u.orders) FROM ({uncovered}) u GROUP BY u.asset ORDER BY 2 DESC, u.asset"


class Uncovered(NamedTuple):
    """An asset of orders that no catalog covers, and how many orders name it."""

    asset: str
    orders: int


@dataclass(frozen=True)
class Asked:
    """What the report is about. `connection_id`: whose catalogs count; None: those of all."""

    workspace_id: int | None = None
    connection_id: int | None = None
    closed_too: bool = False


def uncovered(asked: Asked, *, first: int = 0, most: int | None = None) -> Iterator[Uncovered]:
    """Yield the assets of orders that no catalog covers, those of most orders first."""
    sql, values = _statement(asked)
    limit = "" if most is None else f" LIMIT {int(most)} OFFSET {int(first)}"
    with database.cursor() as cursor:
        cursor.execute(sql + limit, values)
        while rows := cursor.fetchmany(1_000):
            yield from (Uncovered(asset, orders) for asset, orders in rows)


def _statement(asked: Asked) -> tuple[str, list[Any]]:
    """Return the statement and its values. All that is put into its text is from here."""
    closed = "" if asked.closed_too else " AND NOT o.closed"
    of, own = ("", []) if asked.connection_id is None else (" AND k.connection_id = %s", [asked.connection_id])
    within, values = ("TRUE", []) if asked.workspace_id is None else ("t.workspace_id = %s", [asked.workspace_id])
    uncovered = (
        f"SELECT t.* FROM ({_COUNTED.format(closed=closed)}) t WHERE {within}"  # noqa: S608
        f" AND NOT EXISTS (SELECT 1 {_CATALOGS.format(served='', of=of)} AND k.external_asset_id = t.asset)"
        f" AND NOT EXISTS (SELECT 1 {_CATALOGS.format(served=_SERVED, of=of)}"
        " AND s.kind = %s AND s.object_id = t.asset)"
    )
    given = [*values, *own, *own, ASSET]
    return _ALL.format(uncovered=uncovered), given


def unused(asked: Asked) -> Any:
    """Return the catalogs that no order's asset, and no other object of the customer's, leads to."""
    orders = WorkOrder.objects.filter(~Q(asset=""), workspace=OuterRef("connection__workspace"))
    served = CatalogObject.objects.filter(catalog=OuterRef("pk"))
    of_orders = WorkOrder.objects.filter(
        ~Q(asset=""), workspace=OuterRef("catalog__connection__workspace"), asset=OuterRef("object_id")
    )
    return _rows(asked).filter(
        ~Exists(orders.filter(asset=OuterRef("external_asset_id"))),
        ~Exists(served.exclude(kind=ASSET)),
        ~Exists(served.filter(Exists(of_orders), kind=ASSET)),
    )


def empty(asked: Asked) -> Any:
    """Return the catalogs without scenarios that are still there: a link to one opens nothing."""
    held = ScenarioCatalog.scenarios.through.objects.filter(scenariocatalog=OuterRef("pk"), scenario__gone_at=None)
    return _rows(asked).filter(~Exists(held))


def _rows(asked: Asked) -> Any:
    rows = ScenarioCatalog.objects.there().select_related("connection").annotate(slug=F("connection__slug"))
    if asked.workspace_id is not None:
        rows = rows.filter(connection__workspace=asked.workspace_id)
    if asked.connection_id is not None:
        rows = rows.filter(connection=asked.connection_id)
    return rows.order_by("name", "pk")


def covering(asset: str, *, workspace_id: int) -> Any:
    """Return the catalogs that serve an asset, by their own asset id or by an object."""
    named = Q(external_asset_id=asset) | Q(served__kind=ASSET, served__object_id=asset)
    rows = ScenarioCatalog.objects.there().filter(named if asset else Q(pk__in=()), connection__workspace=workspace_id)
    return rows.order_by("name", "pk").distinct()
