"""The OAuth2 grants that need no person: client credentials, JWT bearer, refresh token."""

import dataclasses
import time
import uuid

import jwt

from integrations.connections.auth import token_endpoint
from integrations.connections.auth.account import Account
from integrations.connections.auth.token_auth import TokenAuth
from integrations.connections.auth.tokens import Token
from integrations.core.errors import AuthFailed

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 180


def client_credentials(account: Account) -> TokenAuth:
    return TokenAuth(account, fetch=by_client_credentials)


def jwt_bearer(account: Account) -> TokenAuth:
    return TokenAuth(account, fetch=by_assertion)


def refresh_token(account: Account) -> TokenAuth:
    return TokenAuth(account, fetch=by_refresh_token)


def by_client_credentials(account: Account, known: Token | None) -> Token:
    """RFC 6749, 4.4."""
    optional = {name: account.credentials.get(name) or "" for name in ("scope", "audience")}
    return token_endpoint.ask(account, {"grant_type": "client_credentials", **optional})


def by_refresh_token(account: Account, known: Token | None) -> Token:
    """RFC 6749, 6: with the refresh token that the last answer gave us, else with the one that was entered."""
    refresh = (known.refresh_token if known else "") or account.credentials.get("refresh_token") or ""
    scope = account.credentials.get("scope") or ""
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "scope": scope}
    token = token_endpoint.ask(account, form)
    return token if token.refresh_token else dataclasses.replace(token, refresh_token=refresh)


def by_assertion(account: Account, known: Token | None) -> Token:
    """RFC 7523, 2.1."""
    scope = account.credentials.get("scope") or ""
    return token_endpoint.ask(account, {"grant_type": JWT_GRANT, "assertion": assertion(account), "scope": scope})


def assertion(account: Account) -> str:
    """Return a signed assertion, good for three minutes. :raises AuthFailed: if the private key cannot sign"""
    given, now = account.credentials, int(time.time())
    claims = {"iss": given.get("issuer"), "sub": given.get("subject"), "scope": given.get("scope")}
    claims["aud"] = given.get("audience") or given.get("token_url")
    kept = {name: value for name, value in claims.items() if value}
    times = {"iat": now, "exp": now + ASSERTION_SECONDS, "jti": uuid.uuid4().hex}
    headers = {"kid": given["key_id"]} if given.get("key_id") else None
    algorithm = given.get("algorithm") or "RS256"
    try:
        return jwt.encode({**kept, **times}, given.get("private_key") or "", algorithm=algorithm, headers=headers)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise AuthFailed(
            f"Signing in failed. The private key cannot sign with {algorithm}; enter it as PEM text without a password."
        ) from error
