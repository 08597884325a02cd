"""What a server can do, learnt by introspection, and the queries that fit it (vendor sheet 4.5). Pure.

A field that the server lacks is left out of every query and named in `missing`; it is never an error at run time.
"""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
    print_ast,
    strip_ignored_characters,
)

from integrations.core.errors import PermanentError
from integrations.platforms.worklink import names, queries

CALL_TYPES = ("CallSession", "Call")
LIST_ROOTS = {names.SESSION: ("scenarioSessions",), names.CALL: ("calls", "callSessions")}
LISTINGS: dict[str, tuple[tuple[tuple[str, ...], ...], str]] = {
    names.SCENARIO: ((("viewer", "organization", "scenarios"), ("scenarios",)), queries.SCENARIO_WANTED),
    names.CATALOG: ((("viewer", "organization", "scenarioCatalogs"), ("scenarioCatalogs",)), queries.CATALOG_WANTED),
    names.USER: (
        (("viewer", "currentOrganization", "members"), ("viewer", "organization", "members"), ("users",)),
        queries.USER_WANTED,
    ),
}
ORDER = ', orderBy: { attribute: "startedAt", direction: DESC }'
# Both are seen (vendor sheet 4.6): a cursor, or the position of an item.
POSITIONS = ("after", "afterIndex")


@dataclass(frozen=True)
class Paged:
    """How to ask for a page of a list. `position`: the argument that says where to go on; empty if there is none."""

    text: str
    position: str = ""
    ordered: bool = False
    path: Sequence[str] = ()


@dataclass(frozen=True)
class Capabilities:
    """What one server offers. Texts are complete queries; an empty one means "not available"."""

    at: str = ""
    cms_version: str = ""
    call_type: str = ""
    node: Mapping[str, str] = field(default_factory=dict)
    nested: Mapping[str, Mapping[str, Paged]] = field(default_factory=dict)
    lists: Mapping[str, Paged] = field(default_factory=dict)
    listings: Mapping[str, Paged] = field(default_factory=dict)
    whole: Mapping[str, Paged] = field(default_factory=dict)
    photo_link: str = ""
    groups: str = ""
    subscribe: bool = False
    missing: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class FieldShape:
    type: str
    arguments: frozenset[str]


class Schema:
    """The introspected types: which fields they have, of which type, with which arguments."""

    def __init__(self, introspected: Mapping[str, Any]) -> None:
        root = introspected.get("__schema")
        if not isinstance(root, Mapping):
            raise PermanentError(
                "The server does not answer introspection, so it is not known what it can do. "
                "Check the GraphQL path and that the token may use the API."
            )
        self.types = {each["name"]: dict(_fields(each)) for each in root["types"] if each.get("fields")}
        self.query: str = root["queryType"]["name"]
        self.mutation: str = (root.get("mutationType") or {}).get("name") or ""

    def type_at(self, path: Sequence[str]) -> str:
        """Return the type that a path of fields leads to, from the root; empty if it leads nowhere."""
        name = self.query
        for each in path:
            shape = self.shape(name, each)
            if shape is None:
                return ""
            name = shape.type
        return name

    def shape(self, type_name: str, field_name: str) -> FieldShape | None:
        return self.types.get(type_name, {}).get(field_name)


def _fields(each: Mapping[str, Any]) -> Iterator[tuple[str, FieldShape]]:
    for one in each["fields"]:
        yield one["name"], FieldShape(_named(one["type"]), frozenset(arg["name"] for arg in one["args"]))


def _named(wrapped: Mapping[str, Any]) -> str:
    while wrapped.get("ofType"):
        wrapped = wrapped["ofType"]
    return str(wrapped.get("name"))


def capabilities(introspected: Mapping[str, Any], *, at: str = "", cms_version: str = "") -> Capabilities:
    """Assemble what a server offers. :raises PermanentError: if it is no WorkLink schema"""
    schema = Schema(introspected)
    if names.SESSION not in schema.types:
        raise PermanentError("The server has no type ScenarioSession: this address is not WorkLink's GraphQL API.")
    call_type = next((name for name in CALL_TYPES if name in schema.types), "")
    wanted = {names.SESSION: (names.SESSION, queries.SESSION_WANTED), names.CALL: (call_type, queries.CALL_WANTED)}
    missing: list[str] = [] if call_type else ["CallSession"]
    node, nested, lists, whole = {}, {}, {}, {}
    for name, (type_name, text) in wanted.items():
        if not type_name:
            continue
        selection = pruned(schema, type_name, _wanted(text), missing)
        node[name] = queries.node_query(type_name, _text(selection))
        nested[name] = dict(_nested(schema, type_name, selection))
        cheap = pruned(schema, type_name, _wanted(queries.LIST_WANTED), [])
        if paged := _list(schema, name, cheap, called=f"{name}List"):
            lists[name] = paged
            whole[name] = _list(schema, name, selection, called=f"{name}Import") or paged
        else:
            missing.append(f"{schema.query}.{LIST_ROOTS[name][0]}")
    return Capabilities(
        at=at,
        cms_version=cms_version,
        call_type=call_type,
        node=node,
        nested=nested,
        lists=lists,
        listings=listings(schema, nested, missing),
        whole=whole,
        photo_link=_photo_link(schema),
        groups=_groups(schema),
        subscribe=schema.shape(schema.mutation, "createWebhookSubscription") is not None,
        missing=tuple(dict.fromkeys(missing)),
    )


@lru_cache(maxsize=8)
def _wanted(text: str) -> SelectionSetNode:
    definition = parse(text, no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return definition.selection_set


def _text(node: SelectionSetNode | FieldNode) -> str:
    return strip_ignored_characters(print_ast(node))


def pruned(schema: Schema, type_name: str, wanted: SelectionSetNode, missing: list[str]) -> SelectionSetNode:
    """Return the part of a selection that a type has; names of the rest are added to `missing`."""
    return SelectionSetNode(selections=tuple(_kept(schema, type_name, wanted, missing)))


def _kept(schema: Schema, type_name: str, wanted: SelectionSetNode, missing: list[str]) -> Iterator[FieldNode]:
    for selected in wanted.selections:
        assert isinstance(selected, FieldNode)
        name = selected.name.value
        if (newer := queries.OLDER_NAMES.get(name)) and (
            schema.shape(type_name, newer) or not schema.shape(type_name, name)
        ):
            continue
        shape = schema.shape(type_name, name)
        below = _below(schema, shape, selected, missing) if shape else None
        if shape is None or (selected.selection_set is None) != (shape.type not in schema.types):
            missing.append(f"{type_name}.{name}")
        elif below is None or below.selections:
            yield _with(selected, arguments=_allowed(selected, shape), below=below)


def _below(schema: Schema, shape: FieldShape, selected: FieldNode, missing: list[str]) -> SelectionSetNode | None:
    if selected.selection_set is None or shape.type not in schema.types:
        return None
    return pruned(schema, shape.type, selected.selection_set, missing)


def _allowed(selected: FieldNode, shape: FieldShape) -> tuple[ArgumentNode, ...]:
    return tuple(each for each in selected.arguments or () if each.name.value in shape.arguments)


def _with(selected: FieldNode, *, arguments: tuple[ArgumentNode, ...], below: SelectionSetNode | None) -> FieldNode:
    return FieldNode(name=selected.name, arguments=arguments, selection_set=below, directives=())


def _position(shape: FieldShape) -> str:
    return next((name for name in POSITIONS if name in shape.arguments), "")


def _nested(schema: Schema, type_name: str, selection: SelectionSetNode) -> Iterator[tuple[str, Paged]]:
    """Yield how to go on with each list inside of an object."""
    for selected in selection.selections:
        assert isinstance(selected, FieldNode)
        shape = schema.shape(type_name, selected.name.value)
        position = _position(shape) if shape else ""
        if position and "first" in (shape.arguments if shape else ()):
            variable = VariableNode(name=NameNode(value="position"))
            argument = ArgumentNode(name=NameNode(value=position), value=variable)
            more = _with(selected, arguments=(*(selected.arguments or ()), argument), below=selected.selection_set)
            text = queries.more_query(type_name, _text(more), position=position)
            yield selected.name.value, Paged(text, position)


def _list(schema: Schema, name: str, selection: SelectionSetNode, *, called: str) -> Paged | None:
    """Return the query for a page of all objects of a type, each with `selection`; None if there is no such list."""
    root = next((each for each in LIST_ROOTS[name] if schema.shape(schema.query, each)), "")
    shape = schema.shape(schema.query, root)
    if shape is None:
        return None
    position, ordered = _position(shape), "orderBy" in shape.arguments
    arguments = (ORDER if ordered else "") + (f", {position}: $position" if position else "")
    text = queries.list_query(root, _text(selection), name=called, arguments=arguments, position=position)
    return Paged(text, position, ordered)


def listings(schema: Schema, nested: MutableMapping[str, dict[str, Paged]], missing: list[str]) -> dict[str, Paged]:
    """Return how to list scenarios, catalogs and users with call ids; what cannot be had is named in `missing`."""
    found = {}
    for name, (paths, text) in LISTINGS.items():
        path = next((each for each in paths if schema.type_at(each)), None)
        if path is None:
            missing.append(f"{schema.query}.{'.'.join(paths[0])}")
            continue
        selection = pruned(schema, name, _wanted(text), missing)
        if name == names.USER:
            if schema.shape(name, "callId") is None:  # without it nobody can be called
                continue
            besides = pruned(schema, name, _wanted(queries.USER_BESIDES), [])
            selection = SelectionSetNode(selections=(*selection.selections, *besides.selections))
        shape = schema.shape(schema.type_at(path[:-1]), path[-1])
        position = _position(shape) if shape else ""
        nested[name] = dict(_nested(schema, name, selection))
        query = queries.listing_query(path, _text(selection), name=name, position=position)
        found[name] = Paged(query, position, path=path)
    return found


def _photo_link(schema: Schema) -> str:
    """Return the query for a fresh link of one photo; its type is whatever the events of a session are."""
    events = schema.shape(names.SESSION, "events")
    nodes = schema.shape(events.type, "nodes") if events else None
    if nodes is None:
        return ""
    selection = pruned(schema, nodes.type, _wanted(queries.PICTURE_WANTED), [])
    return queries.picture_query(nodes.type, _text(selection)) if selection.selections else ""


def _groups(schema: Schema) -> str:
    """Return the query that tells groups from what the token sees of them; empty where the server cannot."""
    selection = pruned(schema, schema.query, _wanted(queries.GROUPS_WANTED), [])
    text = _text(selection)
    return f"query PortalGroups {text}" if "originGroup" in text and "groups" in text else ""


def from_json(kept: Mapping[str, Any]) -> Capabilities:
    """Read what was kept; empty capabilities if nothing was, or if it was kept by another version."""
    try:
        return Capabilities(
            **{name: kept[name] for name in ("at", "cms_version", "call_type", "node", "photo_link", "subscribe")},
            nested={name: _paged(each) for name, each in kept["nested"].items()},
            lists=_paged(kept["lists"]),
            whole=_paged(kept["whole"]),
            listings=_paged(kept["listings"]),
            groups=kept.get("groups", ""),  # what an earlier version kept has none
            missing=tuple(kept["missing"]),
        )
    except (KeyError, TypeError, AttributeError):
        return Capabilities()


def _paged(kept: Mapping[str, Any]) -> dict[str, Paged]:
    return {name: Paged(**each) for name, each in kept.items()}
