"""The two GraphQL APIs of a simulated platform, executed by graphql-core so that introspection tells the truth."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, execute_sync, parse, specified_rules, validate
from graphql.validation import NoSchemaIntrospectionCustomRule
from starlette.routing import Route

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.omni.resolving import Resolvers
from tests.simulators.omni.state import OmniState

HERE = Path(__file__).parent


class GraphInterface:
    def __init__(self, state: OmniState) -> None:
        self._state = state
        self._resolvers = Resolvers(state)

    def routes(self) -> list[Route]:
        return [
            Route("/event-service/graphql", Endpoint(self._events), methods=["POST"]),
            Route("/api/v2/", Endpoint(self._main), methods=["POST"]),
        ]

    def _events(self, ask: Ask) -> Told:
        renamed = self._state.settings.renamed
        files = ("schema", "filters") if self._state.settings.release == "1.18" else ("schema",)
        schema = schema_of(files, tuple(sorted(renamed.items())))
        root = {renamed.get(name, name): found for name, found in self._resolvers.events().items()}
        return self._answer(ask, schema, root)

    def _main(self, ask: Ask) -> Told:
        if not self._state.settings.main_api:
            return Told(404, {"error": "not found"})
        return self._answer(ask, schema_of(("main",), ()), self._resolvers.main())

    def _answer(self, ask: Ask, schema: GraphQLSchema, root: dict[str, Callable[..., Any]]) -> Told:
        if ask.headers.get("token") != self._state.token:
            return Told(401, {"errors": [{"message": "unauthorized"}]})
        body = ask.json()
        try:
            document = parse(body["query"])
        except GraphQLError as error:
            return Told(200, {"errors": [error.formatted]})
        rules = list(specified_rules)
        if not self._state.settings.introspection:
            rules.append(NoSchemaIntrospectionCustomRule)
        if errors := validate(schema, document, rules):
            return Told(200, {"errors": [each.formatted for each in errors]})
        with self._state.lock:
            result = execute_sync(schema, document, root, variable_values=body.get("variables"))
        return Told(200, result.formatted)


@lru_cache(maxsize=16)
def schema_of(files: tuple[str, ...], renamed: tuple[tuple[str, str], ...]) -> GraphQLSchema:
    text = "\n".join((HERE / f"{name}.graphql").read_text() for name in files)
    for documented, own in renamed:
        text = re.sub(rf"\b{documented}\b(?=\(|: OrderDirection)", own, text)
    return build_schema(text)


def operation_of(body: bytes) -> str:
    """The first field of an operation, for the request log."""
    try:
        found = re.search(r"\{\s*(?:\w+\s*:\s*)?(\w+)", json.loads(body)["query"])
    except (ValueError, LookupError, TypeError):
        return ""
    return found[1] if found else ""
