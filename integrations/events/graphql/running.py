"""One operation, from its text to its answer."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    parse,
    specified_rules,
    validate,
)
from graphql.utilities import get_operation_ast

from integrations.events.graphql import errors, limits
from integrations.events.graphql.calling import Call
from integrations.events.graphql.schema import SCHEMA

MOST_ERRORS = 20
Answer = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a request holds, as the specification of GraphQL over HTTP names it."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None = None


def run(call: Call, asked: Asked) -> Answer:
    """Return data, errors and, in `extensions`, warnings. Of a mutation with an error nothing is kept."""
    try:
        document = _parsed(asked.query)
        operation = _operation(document, asked.operation_name)
        limits.check(document, operation, asked.variables)
    except GraphQLError as error:
        return {"errors": errors.described([error], code=errors.PARSE_FAILED)}
    if wrong := _validated(document):
        return {"errors": errors.described(wrong, code=errors.VALIDATION_FAILED)}
    return _answer(call, _executed(call, document, operation, asked))


def _parsed(text: str) -> DocumentNode:
    try:
        return parse(text, max_tokens=limits.MAX_TOKENS)
    except RecursionError:
        raise errors.problem(errors.TOO_COMPLEX, "This request is nested too deeply.") from None


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operation = get_operation_ast(document, name)
    if operation is None:
        said = f"There is no operation “{name[:60]}”." if name else "Name one of the operations in operationName."
        raise errors.problem(errors.WHICH_OPERATION, f"operationName: {said}", argument="operationName")
    return operation


def _validated(document: DocumentNode) -> list[GraphQLError]:
    """Return what is wrong. Where the schema is not shown, no error suggests names of it."""
    shown = settings.GRAPHQL_INTROSPECTION
    rules = specified_rules if shown else (*specified_rules, NoSchemaIntrospectionCustomRule)
    return validate(SCHEMA, document, rules, max_errors=MOST_ERRORS, hide_suggestions=not shown)


def _executed(call: Call, document: DocumentNode, operation: OperationDefinitionNode, asked: Asked) -> ExecutionResult:
    changes = operation.operation is OperationType.MUTATION
    with transaction.atomic() if changes else nullcontext():
        result = execute_sync(
            SCHEMA,
            document,
            context_value=call,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
            max_coercion_errors=MOST_ERRORS,
            hide_suggestions=not settings.GRAPHQL_INTROSPECTION,
        )
        try:
            limits.check_answer(result.data)
        except GraphQLError as error:
            result = ExecutionResult(data=None, errors=[error])
        if changes and result.errors:
            transaction.set_rollback(True)
    return result


def _answer(call: Call, result: ExecutionResult) -> Answer:
    answer: Answer = {"data": result.data}
    if result.errors:
        answer["errors"] = errors.described(result.errors, code=errors.BAD_INPUT)
    elif call.warnings:
        answer["extensions"] = {"warnings": call.warnings}
    return answer
