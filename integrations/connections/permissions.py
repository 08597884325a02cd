"""What a token may do."""

from functools import cache
from typing import ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from integrations.connections.models import ApiToken


class ScopePermission(BasePermission):
    """Lets a request in whose token has `scope`."""

    scope: ClassVar[str]
    code = "scope_missing"

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, ApiToken) and self.scope in request.auth.scopes


@cache
def HasScope(scope: str) -> type[ScopePermission]:
    """Return the permission class for a scope: `permission_classes = [HasScope("workorders:write")]`."""
    return type("HasScope", (ScopePermission,), {"scope": scope, "message": f"This token lacks the scope {scope}."})
