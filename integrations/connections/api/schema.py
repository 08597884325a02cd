"""How the OpenAPI document describes what is the same for every operation."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from integrations.connections.api.fields import ProblemAnswer, StrictSerializer
from integrations.connections.api.views import ApiView, DetailView

HEADER: Final = "header"
WORDS = {
    400: "The request is not valid; `errors` names each field.",
    401: "The token is missing, unknown, expired or revoked.",
    403: "The token lacks the scope that `title` names.",
    404: "There is no such thing in the token's workspace.",
    406: "Only application/json can be given.",
    409: "The state of the thing forbids it, or a request with this Idempotency-Key is being carried out.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "This Idempotency-Key was used with another request.",
    429: "Too many requests; `Retry-After` says when to go on.",
}
ACTING = ("POST", "PUT", "PATCH")
OF_ACTING = (409, 413, 415, 422)
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    HEADER,
    description="A repeated request with the same key gets the first one's answer.",
)
KNOWN = OpenApiParameter(
    "If-None-Match", OpenApiTypes.STR, HEADER, description="The ETag of what you have: unchanged, it is not sent again."
)
SECONDS = {"type": "integer", "minimum": 0}
ANSWERED = [
    OpenApiParameter(
        "ETag", OpenApiTypes.STR, HEADER, response=[200], required=True, description="Changes with the content."
    )
]
ALWAYS = [
    OpenApiParameter("Retry-After", SECONDS, HEADER, response=[429], required=True, description="Seconds."),
    OpenApiParameter("WWW-Authenticate", OpenApiTypes.STR, HEADER, response=[401], required=True),
    OpenApiParameter(
        "RateLimit",
        OpenApiTypes.STR,
        HEADER,
        response=[200, 201, 202],
        description='What is left: `"token";r=1199;t=60`, requests in the next seconds.',
    ),
]


class Schema(AutoSchema):
    """Adds tag, problem details and the usual headers, so that no view says them again."""

    def get_tags(self) -> list[str]:
        return [self.view.tag] if isinstance(self.view, ApiView) else super().get_tags()

    def get_override_parameters(self) -> Any:
        asked = [KEY] if self.method in ACTING else []
        if self._is_detail():
            asked += [KNOWN, *ANSWERED]
        return [*super().get_override_parameters(), *asked, *ALWAYS]

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        if self._is_detail():
            bodies["304"] = {"description": "It is as you know it."}
        for status in self._problems():
            answer = OpenApiResponse(ProblemAnswer, WORDS[status])
            bodies[str(status)] = self._get_response_for_code(answer, str(status), ["application/problem+json"])  # type: ignore[no-untyped-call]  # half typed
        return bodies

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]  # half typed
        return schema | {"additionalProperties": False} if isinstance(serializer, StrictSerializer) else schema

    def _is_detail(self) -> bool:
        return isinstance(self.view, DetailView) and self.method == "GET"

    def _problems(self) -> list[int]:
        named = "{" in self.path
        return [
            status
            for status in WORDS
            if (status != 404 or named) and (status not in OF_ACTING or self.method in ACTING)
        ]
