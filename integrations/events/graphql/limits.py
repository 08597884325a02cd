"""How large a request may be, judged before it is validated: validation itself costs more than linear time.

Every selection of the document is walked, fragments as often as they are spread, and the walk ends at the first limit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
)

from integrations.events.graphql import errors
from integrations.events.graphql.arguments import LIMIT, MOST_ROWS
from integrations.events.graphql.queries import FEED

MAX_TOKENS = 5_000
MAX_DEPTH, MAX_SELECTIONS, MAX_ALIASES = 20, 500, 30
MAX_COST, FIELD_COST = 50_000, 100
# Of an answer, its data as JSON; what a client can take in at once, and a process can hold.
MAX_ANSWER = 8 * 1024 * 1024
# A filter's endpoints have no limit of their own; it is taken to have so many.
ENDPOINTS_OF_A_FILTER = 5
ROWS = {"endpoints": LIMIT, "eventsFilters": LIMIT, "events": LIMIT, "eventFeed": FEED}


def check(document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:
    """:raises GraphQLError: naming the limit and what was counted"""
    walk = _Walk(document, {**variables, **_defaults(operation, variables)})
    cost = walk.cost(operation)
    walk.rest()
    if cost > MAX_COST:
        said = (
            f"This request may cost {cost}, at most {MAX_COST} is allowed: ask for fewer rows (limit) or fewer fields."
        )
        raise errors.problem(errors.TOO_COMPLEX, said, cost=cost, most=MAX_COST)


def check_answer(data: Any) -> None:
    """:raises GraphQLError: if the data have more bytes than an answer may have"""
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()) if data else 0
    if size > MAX_ANSWER:
        said = (
            f"The answer has {size} bytes, at most {MAX_ANSWER} are sent: ask for fewer rows (limit) or fewer fields."
        )
        raise errors.problem(errors.TOO_COMPLEX, said, bytes=size, most=MAX_ANSWER)


def _defaults(operation: OperationDefinitionNode, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that variables stand for where none is given."""
    defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
    return {name: _number(node, {}) for name, node in defaults.items() if name not in given}


Selected = OperationDefinitionNode | FragmentDefinitionNode | InlineFragmentNode | FieldNode


@dataclass(frozen=True)
class _Place:
    """Where the walk is. `level` counts fragments too, `fields` does not; `within`: the fragments it came through."""

    level: int = 0
    fields: int = 0
    within: frozenset[str] = frozenset()

    def down(self, *, fields: int = 0, fragment: str = "") -> "_Place":
        """:raises GraphQLError: if that is too deep"""
        if self.level == MAX_DEPTH:
            raise _too("nested too deeply", "levels", MAX_DEPTH)
        within = self.within | {fragment} if fragment else self.within
        return _Place(self.level + 1, self.fields + fields, within)


@dataclass
class _Walk:
    document: DocumentNode
    variables: Mapping[str, Any]
    selections: int = 0
    aliases: int = 0
    walked: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        definitions = self.document.definitions
        self.fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}

    def rest(self) -> None:
        """Walk what the operation did not come to: it is validated, too."""
        for each in self.document.definitions:
            if isinstance(each, OperationDefinitionNode | FragmentDefinitionNode) and id(each) not in self.walked:
                self.cost(each)

    def cost(self, node: Selected, place: _Place = _Place()) -> int:
        """Return how many values the selections of a node give, once."""
        self.walked.add(id(node))
        total = 0
        for each in node.selection_set.selections if node.selection_set else ():
            self._count(each)
            if isinstance(each, FieldNode):
                total += self._of_field(each, place.down(fields=1))
            elif isinstance(each, InlineFragmentNode):
                total += self.cost(each, place.down())
            elif isinstance(each, FragmentSpreadNode):
                total += self._of_spread(each.name.value, place)
        return total

    def _of_field(self, node: FieldNode, place: _Place) -> int:
        inner = self.cost(node, place)
        if place.fields == 1:
            return FIELD_COST + inner * self._rows(node)
        return 1 + inner * (ENDPOINTS_OF_A_FILTER if node.name.value == "endpoints" else 1)

    def _of_spread(self, name: str, place: _Place) -> int:
        fragment = self.fragments.get(name)
        if fragment is None or name in place.within:
            return 0  # validation says so
        return self.cost(fragment, place.down(fragment=name))

    def _count(self, node: Any) -> None:
        self.selections += 1
        self.aliases += isinstance(node, FieldNode) and node.alias is not None
        if self.selections > MAX_SELECTIONS:
            raise _too("too large", "fields and fragments", MAX_SELECTIONS)
        if self.aliases > MAX_ALIASES:
            raise _too("too large", "aliases", MAX_ALIASES)

    def _rows(self, node: FieldNode) -> int:
        default = ROWS.get(node.name.value, 1)
        arguments = {each.name.value: each.value for each in node.arguments or ()}
        given = _number(arguments.get("limit"), self.variables)
        if "pagination" in arguments:
            given = _limit_in(arguments["pagination"], self.variables)
        return min(max(given, 1), MOST_ROWS) if given is not None and default > 1 else default


def _limit_in(node: ValueNode, variables: Mapping[str, Any]) -> int | None:
    if isinstance(node, ObjectValueNode):
        limit = next((each.value for each in node.fields if each.name.value == "limit"), None)
        return _number(limit, variables)
    value = variables.get(node.name.value) if isinstance(node, VariableNode) else None
    return _whole(value.get("limit")) if isinstance(value, Mapping) else None


def _number(node: ValueNode | None, variables: Mapping[str, Any]) -> int | None:
    if isinstance(node, IntValueNode):
        return int(node.value[:12])
    return _whole(variables.get(node.name.value)) if isinstance(node, VariableNode) else None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _too(what: str, counted: str, most: int) -> Exception:
    return errors.problem(errors.TOO_COMPLEX, f"This request is {what}: at most {most} {counted}.", most=most)
