"""Who may come in, by every form of credentials the portal can present."""

import base64
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from tests.simulators.clock import Clock

BEARER_TOKEN = "record-demo-token"
BASIC = ("fieldport", "record-demo-password")
API_KEY = "record-demo-key"
API_KEY_HEADER = "x-api-key"
API_KEY_PARAMETER = "api_key"
CLIENT = ("fieldport-client", "record-demo-secret")
REFRESH_TOKEN = "record-demo-refresh-token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORMS = frozenset({"bearer", "basic", "header", "query", "oauth"})


class GrantRefused(Exception):
    """An OAuth2 token request that fails; the text is the `error` of RFC 6749, 5.2."""


@dataclass
class Credentials:
    """What is accepted. `forms` narrows it to some of FORMS; `jwt_keys` maps an issuer to its public key (PEM)."""

    clock: Clock
    forms: frozenset[str] = FORMS
    token_seconds: int = 3600
    rotate_refresh_tokens: bool = False
    jwt_keys: dict[str, str] = field(default_factory=dict)
    jwt_audience: str | None = None
    refresh_tokens: set[str] = field(default_factory=lambda: {REFRESH_TOKEN})
    issued: dict[str, datetime] = field(default_factory=dict)
    tokens_issued: int = 0

    def accept(self, headers: dict[str, str], query: dict[str, str]) -> bool:
        if "header" in self.forms and _same(headers.get(API_KEY_HEADER, ""), API_KEY):
            return True
        if "query" in self.forms and _same(query.get(API_KEY_PARAMETER, ""), API_KEY):
            return True
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            return "basic" in self.forms and _basic(value) == BASIC
        return scheme.lower() == "bearer" and self._bearer(value)

    def _bearer(self, token: str) -> bool:
        if "bearer" in self.forms and _same(token, BEARER_TOKEN):
            return True
        ends_at = self.issued.get(token)
        return "oauth" in self.forms and ends_at is not None and self.clock.now() < ends_at

    def grant(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """Answer a token request.

        :raises GrantRefused: with the error of RFC 6749
        """
        kind = form.get("grant_type")
        if kind == JWT_GRANT:
            self._check_assertion(form.get("assertion", ""))
            return self._issue()
        client = _basic(authorization.partition(" ")[2]) if authorization else None
        if (client or (form.get("client_id", ""), form.get("client_secret", ""))) != CLIENT:
            raise GrantRefused("invalid_client")
        if kind == "client_credentials":
            return self._issue()
        if kind == "refresh_token":
            return self._refresh(form.get("refresh_token", ""))
        raise GrantRefused("unsupported_grant_type")

    def expire_tokens(self) -> None:
        """Every token issued so far is refused from now on."""
        self.issued.clear()

    def _refresh(self, token: str) -> dict[str, Any]:
        if token not in self.refresh_tokens:
            raise GrantRefused("invalid_grant")
        if not self.rotate_refresh_tokens:
            return self._issue()
        self.refresh_tokens.remove(token)
        fresh = secrets.token_urlsafe(24)
        self.refresh_tokens.add(fresh)
        return {**self._issue(), "refresh_token": fresh}

    def _issue(self) -> dict[str, Any]:
        token = secrets.token_urlsafe(24)
        self.issued[token] = self.clock.now() + timedelta(seconds=self.token_seconds)
        self.tokens_issued += 1
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds}

    def _check_assertion(self, assertion: str) -> None:
        """RFC 7523: signed with RS256 by a known issuer, not expired, for us."""
        try:
            issuer = jwt.decode(assertion, options={"verify_signature": False}).get("iss", "")
            options: Any = {"require": ["exp", "iss", "aud"], "verify_aud": self.jwt_audience is not None}
            key = self.jwt_keys[issuer]
            jwt.decode(assertion, key, algorithms=["RS256"], audience=self.jwt_audience, options=options)
        except (jwt.InvalidTokenError, KeyError, json.JSONDecodeError) as error:
            raise GrantRefused("invalid_grant") from error


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _basic(value: str) -> tuple[str, str] | None:
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None
    return name, password
