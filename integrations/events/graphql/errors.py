"""What is wrong with a request, for a person (`message`) and for a program (`extensions.code`, which stays)."""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import InterfaceError, OperationalError
from graphql import GraphQLError

from integrations.core.ids import current_correlation_id

logger = logging.getLogger(__name__)

PARSE_FAILED, VALIDATION_FAILED = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"
BAD_INPUT, BAD_REQUEST, WHICH_OPERATION = "BAD_USER_INPUT", "BAD_REQUEST", "OPERATION_RESOLUTION_FAILURE"
UNAUTHENTICATED, FORBIDDEN, NOT_FOUND = "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"
TOO_COMPLEX, CURSOR_EXPIRED = "QUERY_TOO_COMPLEX", "CURSOR_EXPIRED"
INTERNAL, UNAVAILABLE = "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"
TOO_OFTEN, LONGEST = "TOO_MANY_REQUESTS", 1_000
AWAY = "The database does not answer just now. Send the request again."


def problem(code: str, message: str, **more: Any) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code, **more})


def bad(argument: str, message: str) -> GraphQLError:
    """Return the error of one argument, which the message names."""
    return problem(BAD_INPUT, f"{argument}: {message}", argument=argument)


def described(errors: Iterable[GraphQLError], *, code: str) -> list[dict[str, Any]]:
    """Return errors as they are answered; `code` is that of errors which GraphQL itself found."""
    return [_described(error, code) for error in errors]


def _described(error: GraphQLError, code: str) -> dict[str, Any]:
    # GraphQL repeats what was given, and that may be the whole request.
    found: dict[str, Any] = {**error.formatted, "message": error.message[:LONGEST]}
    if (error.extensions or {}).get("code"):
        return found
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return found | {"extensions": {"code": code}}
    if isinstance(cause, OperationalError | InterfaceError):
        said, code = AWAY, UNAVAILABLE
    else:
        said, code = "A fault of ours. The log has it under this correlation id.", INTERNAL
    logger.error("graphql: %s", said, exc_info=cause)
    return found | {"message": said, "extensions": {"code": code, "correlationId": current_correlation_id()}}
