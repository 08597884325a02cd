"""The lists that are walked, and what is made of a page of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.connections.models import Connection
from integrations.platforms.worklink import names
from integrations.platforms.worklink.contacts import publishing
from integrations.platforms.worklink.listings import reading
from integrations.platforms.worklink.listings.keeping import keep
from integrations.platforms.worklink.mapping import node_list, text_of
from integrations.platforms.worklink.models import Contact, Listed, Lists, Scenario, ScenarioCatalog

Nodes = Sequence[dict[str, Any]]


def _id(node: dict[str, Any]) -> str:
    return text_of(node.get("id"), most=255)


def take_scenarios(connection: Connection, nodes: Nodes, *, at: datetime) -> int:
    """Store a page of scenarios; return how many are new or changed."""
    seen = {_id(node): reading.scenario(node) for node in nodes if _id(node)}
    return sum(bool(each.changed) for each in keep(Scenario, connection, seen, same="database_id", at=at))


def take_catalogs(connection: Connection, nodes: Nodes, *, at: datetime) -> int:
    """Store a page of catalogs, each with its scenarios; return how many are new or changed."""
    seen = {_id(node): reading.catalog(node) for node in nodes if _id(node)}
    inside = [each for node in nodes for each in node_list(node.get("scenarios")) if _id(each)]
    held = {_id(each): reading.scenario(each) for each in inside}
    scenarios = {
        each.row.resource_id: each.row.pk for each in keep(Scenario, connection, held, same="database_id", at=at)
    }
    kept = {each.row.resource_id: each for each in keep(ScenarioCatalog, connection, seen, same="database_id", at=at)}
    count = 0
    for node in nodes:
        if _id(node) in kept:
            each = kept.pop(_id(node))
            wanted = {scenarios[_id(one)] for one in node_list(node.get("scenarios")) if _id(one)}
            count += _hold(each.row, wanted, known="scenarios" in node) or bool(each.changed)
    return count


def _hold(catalog: ScenarioCatalog, wanted: set[int], *, known: bool) -> bool:
    """Let a catalog hold these scenarios; say whether that is new. `known`: the CMS says which they are."""
    if not known or wanted == set(catalog.scenarios.values_list("pk", flat=True)):
        return False
    catalog.scenarios.set(wanted)
    return True


def take_contacts(connection: Connection, nodes: Nodes, *, at: datetime) -> int:
    """Store a page of users who can be called, and publish each that is new or changed; return how many."""
    read = {_id(node): reading.contact(node) for node in nodes if _id(node)}
    seen = {key: values for key, values in read.items() if values is not None}
    changed = [each for each in keep(Contact, connection, seen, same="call_id", at=at) if each.changed]
    for each in changed:
        publishing.changed(each.row, each.changed, at=at)
    return len(changed)


def lose_contacts(rows: Sequence[Any], *, at: datetime) -> None:
    for row in rows:
        publishing.vanished(row, at=at)


@dataclass(frozen=True)
class Part:
    """One list. `lose(rows)` tells what has to be told of rows that vanished."""

    type_name: str
    model: type[Listed]
    take: Callable[..., int]
    lose: Callable[..., None] = lambda rows, at: None


PARTS: dict[str, tuple[Part, ...]] = {
    Lists.CATALOGS: (
        Part(names.SCENARIO, Scenario, take_scenarios),
        Part(names.CATALOG, ScenarioCatalog, take_catalogs),
    ),
    Lists.CONTACTS: (Part(names.USER, Contact, take_contacts, lose_contacts),),
}
