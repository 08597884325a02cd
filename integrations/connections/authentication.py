"""API tokens in the `Authorization: Bearer` header."""

from rest_framework.authentication import BaseAuthentication


class ApiTokenAuthentication(BaseAuthentication):
    """Accepts a hashed, unexpired, unrevoked token."""

    def authenticate(self, request):
        return None
