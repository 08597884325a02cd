"""Who calls: `Authorization: Token {key}`, and what the key's user may do."""

from typing import Any, Protocol, cast

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from integrations.camera.models import ApiKey
from integrations.camera.services import guessing, keys
from integrations.connections.throttling import TokenThrottle

RIGHTS = {"GET": "view", "HEAD": "view", "POST": "change", "PATCH": "change", "DELETE": "delete"}


class KeyAuthentication(BaseAuthentication):
    """Accepts a key that holds. Unknown ones are counted by their address, as unknown connector tokens are."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "token" or not value.strip():
            return None
        address = str(request.META.get("REMOTE_ADDR", ""))
        guessing.check(address)
        key = keys.find(value.strip(), now=timezone.now())
        if key is None:
            guessing.count(address, value)
            raise AuthenticationFailed("This API key is not known, has expired or was revoked.")
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself, untyped
    target_class = "integrations.camera.api.keys.KeyAuthentication"
    name = "cameraKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        said = "`Token ` and a key made in the admin under API keys of the camera."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": said}


class _Asking(Protocol):
    """A view that may ask for another right than its method's."""

    rights: dict[str, str]


class UserMay(BasePermission):
    """The key has its user's rights over field orders."""

    message = "The user of this API key lacks the right that this needs."

    def has_permission(self, request: Request, view: APIView) -> bool:
        method = str(request.method)
        right = (RIGHTS | cast(_Asking, view).rights).get(method, "change")
        self.message = f"The user of this API key lacks the right “{right} field order”."
        return isinstance(request.auth, ApiKey) and bool(request.user.has_perm(f"camera.{right}_fieldorder"))


class KeyThrottle(TokenThrottle):
    """As often as a token of the other API."""

    scope = "camera_key"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return f"throttle:camera_key:{request.auth.pk}" if isinstance(request.auth, ApiKey) else None
