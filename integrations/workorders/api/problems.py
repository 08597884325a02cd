"""How the OpenAPI document describes errors: the same for every operation."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse

from integrations.workorders.api.serializers import ProblemAnswer

_WORDS = {
    400: "The request is not valid; `errors` names each field.",
    401: "The token is missing, unknown, expired or revoked.",
    403: "The token lacks the scope.",
    404: "There is no such thing in the token's workspace, or no such page.",
    409: "A request with this Idempotency-Key is being carried out.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "This Idempotency-Key was used with another request.",
    429: "Too many requests; `Retry-After` says when to go on.",
}


def problems(*statuses: int) -> dict[Any, Any]:
    """Return the responses for these statuses, as problem details."""
    return {(status, "application/problem+json"): OpenApiResponse(ProblemAnswer, _WORDS[status]) for status in statuses}


READING = problems(400, 401, 403, 404, 429)
WRITING = problems(*_WORDS)
