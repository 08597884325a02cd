"""Who calls the surfaces compatible with OMNI Platform: a token of ours in the header `token`, or as Bearer."""

from collections.abc import Mapping
from datetime import datetime

from integrations.connections.authentication import usable_token, used
from integrations.connections.models import ApiToken

READ, WRITE = "events:read", "events:write"
MANAGE_READ, MANAGE = "endpoints:read", "endpoints:write"


class NotAllowed(Exception):
    """`status` is 401 for a missing or wrong token, 403 for one without the scope."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


def presented(headers: Mapping[str, str]) -> str:
    """Return what a request carries as its token, good or not; "" if nothing."""
    if value := headers.get("token", "").strip():
        return value
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def token_of(headers: Mapping[str, str], *, now: datetime) -> ApiToken:
    """Return the usable token that a request carries; names of headers in any case. :raises NotAllowed:"""
    value = presented(headers)
    token = usable_token(value, now=now) if value else None
    if token is None:
        raise NotAllowed("A valid token is needed, in the header “token” or as “Authorization: Bearer”.", status=401)
    used(token, now=now)
    return token


def allowed(headers: Mapping[str, str], scope: str, *, now: datetime) -> ApiToken:
    """Return the token if it has the scope. :raises NotAllowed:"""
    token = token_of(headers, now=now)
    if scope not in token.scopes:
        raise NotAllowed(f"This token lacks the scope {scope}.", status=403)
    return token
