"""What a token may do."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from integrations.connections.models import ApiToken


class HasScope(BasePermission):
    """Lets a request in whose token has the scope: `permission_classes = [HasScope("workorders:write")]`."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.message = f"This token lacks the scope {scope}."
        self.code = "scope_missing"

    def __call__(self) -> "HasScope":
        """Answer what DRF does with a class: make one for the request."""
        return self

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, ApiToken) and self.scope in request.auth.scopes
