"""API tokens in the `Authorization: Bearer` header."""

from datetime import datetime, timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from integrations.connections.models import ApiToken
from integrations.core.statements import Reading

USED_EVERY = timedelta(seconds=60)


class TokenHolder:
    """Who calls with a token, as `request.user`; the token itself is `request.auth`."""

    is_authenticated = True
    is_anonymous = False
    is_staff = False

    def __init__(self, token: ApiToken) -> None:
        self.pk = token.pk
        self.token = token

    def __str__(self) -> str:
        return str(self.token)


class ApiTokenAuthentication(BaseAuthentication):
    """Accepts a token of ours that is neither expired nor revoked, and notes once a minute that it is used."""

    def authenticate(self, request: Request) -> tuple[TokenHolder, ApiToken] | None:
        scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = timezone.now()
        token = usable_token(value.strip(), now=now)
        if token is None:
            raise AuthenticationFailed("This token is not known, has expired or was revoked.", code="token_refused")
        used(token, now=now)
        return TokenHolder(token), token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


_BY_HASH = Reading(ApiToken, "WHERE t.token_hash = %s")


def usable_token(value: str, *, now: datetime) -> ApiToken | None:
    """Return the token of this value, unless it has expired or was revoked. Every request with a token asks this."""
    found = _BY_HASH.rows(ApiToken.hash_of(value))
    return found[0] if found and found[0].is_usable(now=now) else None


def used(token: ApiToken, *, now: datetime) -> None:
    """Note, at most once a minute, that a token is used."""
    if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
