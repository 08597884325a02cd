"""From a connection's credentials to what signs its requests: one module per kind of grant."""

from integrations.connections.auth.account import Account
from integrations.connections.auth.keys import set_bearer
from integrations.connections.auth.registry import auth_of, register
from integrations.connections.auth.token_auth import TokenAuth
from integrations.connections.auth.tokens import Token

__all__ = ["Account", "Token", "TokenAuth", "auth_of", "register", "set_bearer"]
