"""Signs requests with a token that has to be fetched: kept in memory, shared through the database, renewed on 401."""

import os
from collections.abc import Callable

from requests import PreparedRequest
from requests.auth import AuthBase

from integrations.connections.auth import token_store
from integrations.connections.auth.account import Account
from integrations.connections.auth.keys import set_bearer
from integrations.connections.auth.token_store import Fetch
from integrations.connections.auth.tokens import Token
from integrations.core import clock

Apply = Callable[[PreparedRequest, str], None]

_remembered: dict[tuple[int, str], Token] = {}
os.register_at_fork(after_in_child=_remembered.clear)


class TokenAuth(AuthBase):
    """`fetch(account, known)` signs in and returns a Token; `apply(request, value)` puts it onto a request."""

    def __init__(self, account: Account, *, fetch: Fetch, apply: Apply = set_bearer) -> None:
        self._account, self._fetch, self._apply = account, fetch, apply
        self._key = (account.connection_id, account.fingerprint)
        self._used = ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self._used = self.token().value
        self._apply(request, self._used)
        return request

    def token(self) -> Token:
        """Return a usable token, signing in if there is none. :raises AuthFailed: :raises TransientError:"""
        known = _remembered.get(self._key)
        if known is None or not known.is_usable(now=clock.now()):
            known = self._remember(token_store.obtain(self._account, self._fetch))
        return known

    def renew(self) -> bool:
        """Get another token than the one that was refused: another worker's newer one, or by signing in."""
        self._remember(token_store.obtain(self._account, self._fetch, refused=self._used))
        return True

    def _remember(self, token: Token) -> Token:
        if len(_remembered) > 500:
            _remembered.clear()
        _remembered[self._key] = token
        return token
