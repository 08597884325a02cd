"""GraphQL over the one outbound door: gql's client, our errors, data kept beside errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import requests
from gql import Client, GraphQLRequest
from gql.transport import Transport
from gql.transport.exceptions import TransportQueryError
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType

from integrations.core import safe_json
from integrations.core.answers import described
from integrations.core.errors import PermanentError, Unsure
from integrations.core.http import OutboundClient

HEADERS = {"Accept": "application/graphql-response+json, application/json", "Content-Type": "application/json"}


@dataclass(frozen=True)
class GraphQLReply:
    """An answer: `data` may be there beside `errors`, which are as the server sent them."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def messages(self) -> str:
        """The errors in one line, for a person."""
        return "; ".join(str(error.get("message") or error) for error in self.errors)[:400]


def execute(
    client: OutboundClient,
    path: str,
    document: str,
    variables: Mapping[str, Any] | None = None,
    *,
    effect: bool | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, Any] | None = None,
    members: Mapping[str, Any] | None = None,
) -> GraphQLReply:
    """Send one operation to `path`. `effect`: whether it changes something; by default, whether it is a mutation.

    `members`: what the server wants in the body beside the operation.

    :raises PermanentError: if the document is not GraphQL, or the answer is not
    :raises Unsure: if it was a mutation, and the answer does not say what became of it
    """
    request, is_mutation = parsed(document)
    posting = {"effect": is_mutation if effect is None else effect, "headers": headers or {}, "params": params}
    transport = _Transport(client, path, {**(members or {}), "query": document}, posting)
    sent = GraphQLRequest(request.document, variable_values=dict(variables or {}))
    try:
        data = Client(transport=transport).execute(sent)
        return GraphQLReply(data, [], transport.headers)
    except TransportQueryError as error:
        return GraphQLReply(error.data, _errors(error.errors or []), transport.headers)


@lru_cache(maxsize=256)
def parsed(document: str) -> tuple[GraphQLRequest, bool]:
    """Return the parsed document, and whether it is a mutation. :raises PermanentError: naming the line"""
    try:
        request = GraphQLRequest(document)
    except GraphQLError as error:
        place = error.locations[0] if error.locations else None
        where = f" (line {place.line}, column {place.column})" if place else ""
        raise PermanentError(f"This is not a GraphQL document{where}: {error.message}") from error
    except RecursionError as error:
        raise PermanentError("This GraphQL document is nested too deeply.") from error
    operations = [each for each in request.document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1:
        raise PermanentError(f"A GraphQL document holds one operation here; this one has {len(operations)}.")
    return request, operations[0].operation is OperationType.MUTATION


class _Transport(Transport):
    """Posts through an OutboundClient. The text goes out as it was written: printing it anew costs a lot."""

    def __init__(self, client: OutboundClient, path: str, body: dict[str, Any], posting: dict[str, Any]) -> None:
        self._client, self._path, self._body, self._posting = client, path, body, posting
        self.headers: Mapping[str, str] = {}

    def execute(self, request: GraphQLRequest, *args: Any, **kwargs: Any) -> ExecutionResult:
        try:
            body = json.dumps({**self._body, "variables": request.variable_values or {}}, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise PermanentError(f"The variables of the GraphQL request cannot be sent as JSON: {error}") from error
        options = self._posting | {"headers": {**HEADERS, **self._posting["headers"]}, "data": body.encode()}
        response = self._client.request("POST", self._path, **options)
        self.headers = response.headers
        return self._result(response)

    def _result(self, response: requests.Response) -> ExecutionResult:
        try:
            answer = safe_json.parse(response.content)
        except safe_json.UnreadableJSON:
            answer = None
        if not isinstance(answer, dict) or not ({"data", "errors"} & answer.keys()):
            raise self._strange(response)
        data, errors = answer.get("data"), answer.get("errors") or None
        if not isinstance(data, dict | None) or not isinstance(errors, list | None) or not (data or errors):
            raise self._strange(response)
        # gql passes errors on as they came; its types only know the parsed kind.
        return ExecutionResult(data, errors)

    def _strange(self, response: requests.Response) -> PermanentError | Unsure:
        said = f"{described(response.request)}: answered {response.status_code} with something that is not GraphQL."
        start = response.content[:200].decode("utf-8", errors="replace").replace("\x00", "\ufffd")
        if self._posting["effect"]:
            return Unsure(said, status=response.status_code, body_start=start)
        return PermanentError(f"{said} Is the address right?", status=response.status_code, body_start=start)


def _errors(errors: list[Any]) -> list[dict[str, Any]]:
    return [error if isinstance(error, dict) else {"message": str(error)} for error in errors]
