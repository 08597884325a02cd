"""How the OpenAPI document describes what is the same for every operation of the camera's REST API."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

TAG = "Camera (v0.2)"
WORDS = {
    400: "A parameter is missing or wrong.",
    401: "The key is missing, unknown, expired or revoked.",
    403: "The key's user lacks the right that `detail` names.",
    404: "There is no such thing in the key's site.",
    409: "The state of the thing forbids it: the order is closed, the task was corrected.",
    413: "The body, or the file in it, is too large.",
    415: "The body is not application/json.",
    429: "Too many requests; `Retry-After` says when to go on.",
}
OF_BODIES = (409, 413, 415)


class Refused(serializers.Serializer[Any]):
    """An error. Where fields are at fault, each is there too, with its sentences."""

    detail = serializers.CharField(help_text="What is wrong, for a person. The text may change.")

    class Meta:
        ref_name = "CameraRefused"


class CameraSchema(AutoSchema):
    """Adds tag and errors, so that no view says them again."""

    def get_tags(self) -> list[str]:
        return [TAG]

    def get_override_parameters(self) -> Any:
        after = OpenApiParameter("Retry-After", OpenApiTypes.INT, "header", response=[429], required=True)
        named = OpenApiParameter("WWW-Authenticate", OpenApiTypes.STR, "header", response=[401], required=True)
        return [*super().get_override_parameters(), after, named]

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status in self._refusals():
            answer = OpenApiResponse(Refused, WORDS[status])
            bodies[str(status)] = self._get_response_for_code(answer, str(status), ["application/json"])  # type: ignore[no-untyped-call]  # half typed
        return bodies

    def _refusals(self) -> list[int]:
        changes = self.method in ("POST", "PATCH")
        return [each for each in WORDS if (each != 404 or "{" in self.path) and (each not in OF_BODIES or changes)]


def described(**options: Any) -> Callable[[Any], Any]:
    """As `extend_schema`, on the basis of our schema rather than the other API's."""

    def decorate(method: Any) -> Any:
        method.schema = CameraSchema
        return extend_schema(**options)(method)

    return decorate
